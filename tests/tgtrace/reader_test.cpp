// What can be read of a file that is whole, cut, damaged, foreign or being written to; and that nothing crashes.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/tgtrace/scene.h"
#include "tools/tgtrace/report.h"

namespace {

using namespace tg_test;
using tgtrace::trace_error;

scene small_scene() {
  scene made(16);
  const auto outer = made.group("outer");
  const auto inner = made.group("inner", outer, 2);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 10 * us, outer, 1);
  made.start(one, 20 * us, outer, 1);
  made.add(one, 25 * us, inner, 1);
  made.begin_wait(one, 30 * us, tg::tracing::wait::join, outer, inner);
  made.run(one, 31 * us, 40 * us, inner, 1);
  made.end_wait(one, 41 * us, tg::tracing::wait::join, outer, inner, tg::tracing::wait_end::done);
  made.end(one, 50 * us, outer, 1);
  made.push(outside, 60 * us, kind::event_set, outer, 1, 0, 1);
  return made;
}

std::string complaint_about(const std::string& raw) {
  try {
    read(raw);
  } catch (const trace_error& wrong) {
    return wrong.what();
  }
  return "";
}

template <class Field>
std::string with(std::string raw, std::size_t at, Field value) {
  std::memcpy(raw.data() + at, &value, sizeof value);
  return raw;
}

testing::AssertionResult says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << part << "' is not in: " << text;
}

TEST(Reader, ReadsGroupsAndRecords) {
  const auto raw = read(small_scene().bytes());
  EXPECT_TRUE(raw.remarks.empty());
  ASSERT_EQ(raw.groups.size(), 2u);
  EXPECT_STREQ(raw.groups[1].is.name, "inner");
  ASSERT_EQ(raw.rings.size(), 2u);
  EXPECT_EQ(raw.rings[0].records.size(), 2u);
  EXPECT_EQ(raw.rings[1].records.size(), 8u);
}

TEST(Reader, NamesWhatAForeignFileBeginsWith) {
  EXPECT_TRUE(says(complaint_about(""), "empty"));
  EXPECT_TRUE(says(complaint_about("\x7f"
                                   "ELF and more than eight"),
                   "it begins with '\\x7fELF and' instead of 'tgtrace\\x00'"));
  EXPECT_TRUE(says(complaint_about("tgt"), "cut after 3 bytes"));
}

TEST(Reader, NamesTheFieldAndTheValue) {
  const std::string good = small_scene().bytes();
  EXPECT_TRUE(
      says(complaint_about(with(good, offsetof(tg::tracing::file_header, version), 7u)), "version is 7"));
  EXPECT_TRUE(says(complaint_about(with(good, offsetof(tg::tracing::file_header, byte_order), 0x04030201u)),
                   "other byte order"));
  EXPECT_TRUE(says(complaint_about(with(good, offsetof(tg::tracing::file_header, record_bytes), 31u)),
                   "record_bytes is 31"));
  EXPECT_TRUE(says(complaint_about(with(good, offsetof(tg::tracing::file_header, ring_bytes), 0u)),
                   "ring_bytes is 0"));
  EXPECT_TRUE(
      says(complaint_about(with(good, offsetof(tg::tracing::file_header, rings_at), std::uint64_t{4})),
           "rings_at is 4"));
  EXPECT_TRUE(says(complaint_about(with(good, offsetof(tg::tracing::file_header, records_per_ring), 0u)),
                   "records_per_ring is 0"));
  EXPECT_TRUE(says(complaint_about(with(good, offsetof(tg::tracing::file_header, state), 3u)), "state is 3"));
}

TEST(Reader, KeepsWhatIsBeforeACut) {
  const std::string whole = small_scene().bytes();
  // Within the second ring: the first is whole, and so is the beginning of the second.
  const std::string cut = whole.substr(0, whole.size() - 14 * sizeof(tg::tracing::record));
  const auto raw = read(cut);
  ASSERT_EQ(raw.rings.size(), 2u);
  EXPECT_EQ(raw.rings[0].records.size(), 2u);
  EXPECT_EQ(raw.rings[1].records.size(), 2u);
  EXPECT_EQ(raw.rings[1].missing, 6u);
  ASSERT_EQ(raw.remarks.size(), 2u);
  EXPECT_TRUE(says(raw.remarks[0], "1 of 2 threads"));
  EXPECT_TRUE(says(raw.remarks[1], "the file is cut"));
  EXPECT_TRUE(tgtrace::build_model(raw).lost.may_touch(0));
}

TEST(Reader, CountsWhatWasOverwritten) {
  scene made(8);
  const auto group = made.group("busy");
  const auto one = made.worker("tg-0");
  for (std::uint64_t i = 1; i <= 10; ++i) made.run(one, i * us, i * us + 500, group, i);
  const auto raw = read(made.bytes());
  ASSERT_EQ(raw.rings.size(), 1u);
  EXPECT_EQ(raw.rings[0].records.size(), 8u);
  EXPECT_EQ(raw.rings[0].overwritten, 13u);
  EXPECT_EQ(raw.rings[0].records.front().stamp, scene::at(7 * us));
}

// The writer was killed, or is, in the middle of a record: the place of the oldest is not to be trusted.
TEST(Reader, LeavesOutTheRecordThatIsBeingWritten) {
  scene made(8);
  const auto group = made.group("busy");
  const auto one = made.thread("tg-0");
  for (std::uint64_t i = 1; i <= 4; ++i) made.run(one, i * us, i * us + 500, group, i);
  made.file().header().state = static_cast<std::uint32_t>(tg::tracing::file_state::live);
  std::string raw = made.bytes();
  const auto rings_at =
      *reinterpret_cast<const std::uint64_t*>(raw.data() + offsetof(tg::tracing::file_header, rings_at));
  raw = with(raw, rings_at, std::uint64_t{8 << 1 | 1});
  const auto read_back = read(raw);
  EXPECT_EQ(read_back.rings.at(0).records.size(), 7u);
  EXPECT_EQ(read_back.rings.at(0).overwritten, 1u);
}

TEST(Reader, DropsARecordThatBreaksTheOrder) {
  for (const std::uint64_t wrong : {1 * us, 1'000'000'000 * ms}) {
    scene made(16);
    const auto group = made.group("some");
    const auto one = made.thread("tg-0");
    made.start(one, 10 * us, group, 1);
    made.file().push(one, wrong, kind::task_ended, group, 1);
    made.run(one, 20 * us, 30 * us, group, 2);
    const auto raw = read(made.bytes());
    EXPECT_EQ(raw.rings.at(0).damaged, 1u);
    EXPECT_EQ(raw.rings.at(0).records.size(), 3u);
    EXPECT_EQ(raw.rings.at(0).records.back().stamp, scene::at(30 * us));
  }
}

TEST(Reader, PassesByKindsOfANewerWriter) {
  scene made = small_scene();
  made.push(0, 70 * us, static_cast<kind>(200));
  const auto raw = read(made.bytes());
  EXPECT_EQ(raw.unknown_kinds, 1u);
  EXPECT_EQ(raw.rings[0].records.size(), 2u);
}

TEST(Reader, BreaksACircleOfGroups) {
  scene made = small_scene();
  made.file().group(tg::tracing::make_ref(0, 1)).parent = tg::tracing::make_ref(1, 1);
  const auto m = tgtrace::build_model(read(made.bytes()));
  ASSERT_EQ(m.remarks.size(), 1u);
  EXPECT_TRUE(says(m.remarks[0], "own descendants"));
}

// Reads, and looks at all that was read in every way there is. A refusal has to say something.
void use(const std::string& raw) {
  try {
    const auto m = tgtrace::build_model(read(raw));
    const auto found = findings_of(m);
    EXPECT_FALSE(report_text(m, found, {}).empty());
    EXPECT_FALSE(report_json(m, found).empty());
  } catch (const trace_error& wrong) {
    EXPECT_NE(std::string(wrong.what()), "");
  }
}

TEST(Garbage, EveryLengthIsReadOrRefused) {
  const std::string whole = small_scene().bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    use(whole.substr(0, length));
  }
}

TEST(Garbage, EveryMutationIsReadOrRefused) {
  const std::string whole = small_scene().bytes();
  std::mt19937_64 random(20240229);
  for (int round = 0; round < 4000; ++round) {
    SCOPED_TRACE(round);
    std::string raw = whole;
    const int changes = 1 + static_cast<int>(random() % 8);
    for (int i = 0; i < changes; ++i) {
      // Half of them in the header, which is small and decides most.
      const std::size_t bound = random() % 2 == 0 ? 256 : raw.size();
      const std::size_t at = random() % bound;
      const std::uint64_t interesting[] = {0, 1, 0x7f, 0x80, 0xff, random()};
      raw[at] = static_cast<char>(interesting[random() % 6]);
    }
    use(raw);
  }
}

TEST(Garbage, NoiseBehindAGoodHeaderIsReadOrRefused) {
  const std::string whole = small_scene().bytes();
  std::mt19937_64 random(4711);
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    std::string raw = whole;
    for (std::size_t at = sizeof(tg::tracing::file_header); at < raw.size(); ++at) {
      if (random() % 4 == 0) raw[at] = static_cast<char>(random());
    }
    use(raw);
  }
}

}  // namespace
