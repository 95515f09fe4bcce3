// All schedules within bounds, depth first, and the replay of any of them.
#include "tests/model/checker/chooser.h"

#include <bit>
#include <charconv>
#include <stdexcept>
#include <vector>

namespace model {
namespace {

// The decisions that were not plain, as "position.choice" with commas between.
std::string written(const std::vector<unsigned>& path) {
  std::string out = "path:";
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == 0) continue;
    if (out.back() != ':') out += ',';
    out += std::to_string(i) + '.' + std::to_string(path[i]);
  }
  return out;
}

class exhaustive final : public chooser {
 public:
  explicit exhaustive(const bounds& within) : within_(within) {}

  bool begin_schedule() override {
    if (begun_ && !advance()) return false;
    begun_ = true;
    at_ = 0;
    left_ = within_;
    return true;
  }

  unsigned pick_thread(const crossroads& at) override {
    std::uint32_t allowed = first(at.first_is_plain && left_.preemptions == 0 ? 1 : at.runnable);
    if (left_.faults != 0) allowed |= first(at.count) & ~first(at.runnable);
    const unsigned taken = decide(allowed);
    if (taken >= at.runnable) {
      --left_.faults;
    } else if (at.first_is_plain && taken != 0) {
      --left_.preemptions;
    }
    return taken;
  }
  unsigned pick_value(unsigned count) override {
    const unsigned taken = decide(left_.old_values == 0 ? 1 : first(count));
    if (taken != 0) --left_.old_values;
    return taken;
  }
  bool strikes() override {
    const bool struck = decide(left_.faults == 0 ? 1 : 3) != 0;
    if (struck) --left_.faults;
    return struck;
  }
  void has_paused(unsigned) override {}

  std::string token() const override {
    std::vector<unsigned> taken;
    for (std::size_t i = 0; i < at_; ++i) taken.push_back(path_[i].taken);
    return written(taken);
  }

 private:
  struct point {
    unsigned taken;
    std::uint32_t allowed;  // bit i: decision i
  };
  static std::uint32_t first(unsigned count) {
    return count >= 32 ? UINT32_MAX : (std::uint32_t{1} << count) - 1;
  }

  unsigned decide(std::uint32_t allowed) {
    if (at_ == path_.size()) path_.push_back({0, allowed});
    if (path_[at_].allowed != allowed) throw std::logic_error("the test does not repeat itself");
    return path_[at_++].taken;
  }
  bool advance() {
    path_.resize(at_);
    while (!path_.empty() && path_.back().allowed >> path_.back().taken == 1) path_.pop_back();
    if (path_.empty()) return false;
    point& last = path_.back();
    last.taken += 1 + static_cast<unsigned>(std::countr_zero(last.allowed >> (last.taken + 1)));
    return true;
  }

  const bounds within_;
  bounds left_;
  std::vector<point> path_;
  std::size_t at_ = 0;
  bool begun_ = false;
};

class replay final : public chooser {
 public:
  explicit replay(std::vector<unsigned> path) : path_(std::move(path)) {}
  bool begin_schedule() override {
    at_ = 0;
    return true;
  }
  unsigned pick_thread(const crossroads& at) override { return decide(at.count); }
  unsigned pick_value(unsigned count) override { return decide(count); }
  bool strikes() override { return decide(2) != 0; }
  void has_paused(unsigned) override {}
  std::string token() const override { return written(path_); }

 private:
  unsigned decide(unsigned count) {
    const unsigned taken = at_ < path_.size() ? path_[at_] : 0;
    if (taken >= count) throw std::logic_error("the token is of another test");
    ++at_;
    return taken;
  }

  const std::vector<unsigned> path_;
  std::size_t at_ = 0;
};

// The numbers of a token, which `separators` part.
std::vector<std::uint64_t> numbers(const std::string& token, std::size_t from) {
  std::vector<std::uint64_t> out;
  const char* at = token.data() + from;
  const char* const end = token.data() + token.size();
  while (at < end) {
    std::uint64_t number = 0;
    const auto [stop, failure] = std::from_chars(at, end, number);
    if (failure != std::errc{})
      throw std::invalid_argument("token '" + token + "': not a number at '" + at + "'");
    out.push_back(number);
    at = stop == end ? end : stop + 1;
  }
  return out;
}

std::unique_ptr<chooser> make_path(const std::string& token, const std::vector<std::uint64_t>& given) {
  constexpr std::uint64_t longest = 10'000'000;
  if (given.size() % 2 != 0)
    throw std::invalid_argument("token '" + token + "': a position without a choice");
  std::vector<unsigned> path;
  for (std::size_t i = 0; i < given.size(); i += 2) {
    if (given[i] < path.size() || given[i] > longest)
      throw std::invalid_argument("token '" + token + "': position " + std::to_string(given[i]));
    path.resize(given[i]);
    path.push_back(static_cast<unsigned>(given[i + 1]));
  }
  return std::make_unique<replay>(std::move(path));
}

}  // namespace

std::unique_ptr<chooser> make_exhaustive(const bounds& within) {
  return std::make_unique<exhaustive>(within);
}

std::unique_ptr<chooser> make_replay(const std::string& token) {
  const std::size_t colon = token.find(':');
  const std::string kind = token.substr(0, colon);
  const auto given = numbers(token, colon == std::string::npos ? token.size() : colon + 1);
  if (kind == "path") return make_path(token, given);
  if (kind == "random" && given.size() == 1) return make_random(given[0]);
  if (kind == "pct" && given.size() == 3)
    return make_pct(given[0], static_cast<unsigned>(given[1]), given[2]);
  throw std::invalid_argument("token '" + token +
                              "': neither path:..., random:SEED nor pct:SEED:DEPTH:LENGTH");
}

}  // namespace model
