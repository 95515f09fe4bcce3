// One group's event in 64 bits, so that set, cause, origin and epoch can never be seen mixed.
//
//   bit  0      set         the event is set
//   bit  1      resetting   somebody re-arms it; still reads set; only together with set
//   bits 2-4    cause       event_cause; not none exactly while set
//   bits 5-24   origin      index of the group where it was set first
//   bits 25-40  origin tag  low bits of that group's tenancy: tells it from later tenants of the same place
//   bits 41-63  epoch       raised by one when a reset begins and by one when it succeeds
//
//        set               begin_reset                 end_reset
//   unset ---> set(cause) -------------> set+resetting ----------> unset, next epoch
//                  ^---------------------------|  cancel_reset: by anybody who meets it
#pragma once

#include <threadgroup/event_cause.h>

#include <cstdint>

namespace tg::event {

struct origin_ref {
  std::uint32_t index;
  std::uint16_t tag;
};

class event_word {
 public:
  constexpr explicit event_word(std::uint64_t bits) noexcept : bits_(bits) {}

  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr bool is_set() const noexcept { return (bits_ & set_bit) != 0; }
  constexpr bool is_resetting() const noexcept { return (bits_ & resetting_bit) != 0; }
  constexpr event_cause cause() const noexcept {
    return static_cast<event_cause>(bits_ >> cause_at & cause_mask);
  }
  constexpr std::uint64_t epoch() const noexcept { return bits_ >> epoch_at; }
  constexpr origin_ref origin() const noexcept {
    return {static_cast<std::uint32_t>(bits_ >> origin_at & origin_mask),
            static_cast<std::uint16_t>(bits_ >> tag_at & tag_mask)};
  }

  constexpr event_word to_set(event_cause why, origin_ref where) const noexcept {
    return event_word((bits_ & epoch_bits) | set_bit | std::uint64_t(why) << cause_at |
                      std::uint64_t{where.index} << origin_at | std::uint64_t{where.tag} << tag_at);
  }
  constexpr event_word to_resetting() const noexcept {
    return event_word((bits_ | resetting_bit) + one_epoch);
  }
  constexpr event_word to_cancelled() const noexcept { return event_word(bits_ & ~resetting_bit); }
  constexpr event_word to_unset() const noexcept { return event_word((bits_ & epoch_bits) + one_epoch); }
  // A new tenant's: unset, and unlike any word that somebody still holds of the old one.
  constexpr event_word to_fresh() const noexcept { return to_unset(); }

 private:
  static constexpr std::uint64_t set_bit = 1;
  static constexpr std::uint64_t resetting_bit = 2;
  static constexpr unsigned cause_at = 2;
  static constexpr std::uint64_t cause_mask = 0x7;
  static constexpr unsigned origin_at = 5;
  static constexpr std::uint64_t origin_mask = 0xfffff;
  static constexpr unsigned tag_at = 25;
  static constexpr std::uint64_t tag_mask = 0xffff;
  static constexpr unsigned epoch_at = 41;
  static constexpr std::uint64_t one_epoch = std::uint64_t{1} << epoch_at;
  static constexpr std::uint64_t epoch_bits = ~(one_epoch - 1);

  static_assert(static_cast<unsigned>(event_cause::cleared) <= cause_mask);
  static_assert(cause_at + 3 == origin_at && origin_at + 20 == tag_at && tag_at + 16 == epoch_at);

  std::uint64_t bits_;
};

}  // namespace tg::event
