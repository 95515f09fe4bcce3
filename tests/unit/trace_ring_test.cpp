// One thread's ring: the newest stay, what is lost is known to the record, and no reader gets a torn one.
#include "core/trace/ring.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <vector>

namespace {

using namespace tg_test;
using tg::tracing::kind;
using tg::tracing::record;
using tg::tracing::ring;
using tg::tracing::ring_header;

struct ring_box {
  explicit ring_box(std::size_t size) : records(size) { writer = {&header, records.data(), size - 1}; }
  // All words of a record say the same, so that a mixture of two shows.
  std::uint64_t write(std::uint64_t value) {
    return writer.write([&] { return record{value, value, value, value}; });
  }
  ring_header header{};
  std::vector<record> records;
  ring writer;
};

bool is_torn(const record& seen) {
  return seen.stamp != seen.what || seen.a != seen.b || seen.stamp != seen.a;
}

TEST(trace_ring, an_empty_one_has_no_records) {
  ring_box box(8);
  std::vector<record> copy(8);
  const ring::copy got = box.writer.copy_to(copy.data());
  EXPECT_EQ(got.first, 0u);
  EXPECT_EQ(got.end, 0u);
}

TEST(trace_ring, keeps_what_fits) {
  ring_box box(8);
  for (std::uint64_t i = 0; i < 8; ++i) EXPECT_EQ(box.write(i), i);
  std::vector<record> copy(8);
  const ring::copy got = box.writer.copy_to(copy.data());
  EXPECT_EQ(got.first, 0u);
  ASSERT_EQ(got.end, 8u);
  for (std::uint64_t i = 0; i < 8; ++i) EXPECT_EQ(copy[i].a, i);
}

TEST(trace_ring, the_newest_overwrite_the_oldest) {
  ring_box box(8);
  for (std::uint64_t i = 0; i < 21; ++i) box.write(i);
  std::vector<record> copy(8);
  const ring::copy got = box.writer.copy_to(copy.data());
  EXPECT_EQ(got.first, 13u);
  ASSERT_EQ(got.end, 21u);
  for (std::uint64_t i = got.first; i < got.end; ++i) EXPECT_EQ(copy[i % 8].a, i);
}

TEST(trace_ring, a_copy_may_begin_where_the_last_one_ended) {
  ring_box box(8);
  for (std::uint64_t i = 0; i < 5; ++i) box.write(i);
  std::vector<record> copy(8);
  const ring::copy got = box.writer.copy_to(copy.data(), 3);
  EXPECT_EQ(got.first, 3u);
  EXPECT_EQ(got.end, 5u);
}

TEST(trace_ring, a_write_within_a_write_loses_its_record_and_only_that) {
  ring_box box(8);
  const std::uint64_t number = box.writer.write([&] {
    EXPECT_EQ(box.write(99), ring::struck);
    return record{1, 1, 1, 1};
  });
  EXPECT_EQ(number, 0u);
  EXPECT_EQ(box.header.struck, 1u);
  EXPECT_EQ(box.write(2), 1u);
  EXPECT_EQ(box.records[0].a, 1u);
  EXPECT_EQ(box.records[1].a, 2u);
}

TEST(trace_ring, what_is_being_written_is_not_copied) {
  ring_box box(4);
  for (std::uint64_t i = 0; i < 4; ++i) box.write(i);
  ring::copy during;
  std::vector<record> copy(4);
  box.writer.write([&] {
    during = box.writer.copy_to(copy.data());
    return record{4, 4, 4, 4};
  });
  // The fifth record takes the place of the first.
  EXPECT_EQ(during.first, 1u);
  EXPECT_EQ(during.end, 4u);
}

TEST(trace_ring, readers_beside_the_writer_never_get_a_torn_record) {
  constexpr std::uint64_t enough = 100'000;
  constexpr std::uint64_t most_writes = 200'000'000;
  ring_box box(1024);
  std::atomic<std::uint64_t> read{0};
  std::uint64_t torn = 0;
  std::uint64_t misplaced = 0;
  run_together(2, [&](std::size_t who) {
    if (who == 0) {
      for (std::uint64_t i = 0; read < enough && i < most_writes; ++i) box.write(i);
      read = enough;
      return;
    }
    std::vector<record> copy(1024);
    for (std::uint64_t count = 0; read < enough; read = count) {
      const ring::copy got = box.writer.copy_to(copy.data());
      for (std::uint64_t n = got.first; n < got.end; ++n, ++count) {
        if (is_torn(copy[n % 1024])) ++torn;
        if (copy[n % 1024].a != n) ++misplaced;
      }
    }
  });
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(misplaced, 0u);
  EXPECT_LT(box.header.written / ring::one_record, most_writes) << "the reader got nothing";
}

// The handler writes into the ring of the thread that it interrupts.
ring_box* struck_box = nullptr;
std::atomic<std::uint64_t> written_by_handler{0};
std::atomic<std::uint64_t> handler_runs{0};

void strike(int) {
  ++handler_runs;
  if (struck_box->write(handler_runs) != ring::struck) ++written_by_handler;
}

TEST(trace_ring, signal_handlers_that_strike_lose_no_more_than_their_own_records) {
  ring_box box(1024);
  struck_box = &box;
  struct sigaction action {};
  action.sa_handler = &strike;
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  timer_t timer{};
  sigevent by_signal{};
  by_signal.sigev_notify = SIGEV_SIGNAL;
  by_signal.sigev_signo = SIGUSR1;
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &by_signal, &timer), 0);
  const itimerspec often{{0, 20'000}, {0, 20'000}};
  ASSERT_EQ(timer_settime(timer, 0, &often, nullptr), 0);
  std::uint64_t mine = 0;
  while (handler_runs < 500) {
    if (box.write(mine) != ring::struck) ++mine;
  }
  timer_delete(timer);
  sigaction(SIGUSR1, &before, nullptr);
  const std::uint64_t written = box.header.written;
  EXPECT_EQ(written % 2, 0u);
  EXPECT_EQ(written / 2, mine + written_by_handler.load());
  EXPECT_EQ(box.header.struck, handler_runs.load() - written_by_handler.load());
}

TEST(trace_format, a_record_names_kind_detail_and_group) {
  const auto group = tg::tracing::make_ref(0xfedcba98, 0x1234);
  const auto what = tg::tracing::make_what(kind::worker_left, 0xab, group);
  EXPECT_EQ(tg::tracing::kind_of(what), kind::worker_left);
  EXPECT_EQ(tg::tracing::detail_of(what), 0xab);
  EXPECT_EQ(tg::tracing::group_of(what), group);
  EXPECT_EQ(tg::tracing::entry_of(group), 0xfedcba98u);
  EXPECT_EQ(tg::tracing::generation_of(group), 0x1234u);
}

}  // namespace
