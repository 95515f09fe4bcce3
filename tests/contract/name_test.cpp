// Promise: names of any length and bytes are taken, copied, and cut at 47 bytes; ids are never 0. (group.h)
#include "tests/support/accounting.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace tg_test;

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(name, is_empty_by_default) {
  const tg::group group;
  EXPECT_EQ(group.name(), "");
}

TEST(name, of_every_length_is_cut_at_47_bytes) {
  const std::string source(1'000'000, 'n');
  for (const std::size_t length : {0u, 1u, 7u, 8u, 9u, 46u, 47u, 48u, 49u, 64u, 1'000u, 1'000'000u}) {
    const tg::group group(std::string_view(source).substr(0, length));
    EXPECT_EQ(group.name(), source.substr(0, std::min<std::size_t>(length, 47)));
  }
}

TEST(name, may_have_any_bytes) {
  const std::string bytes = all_bytes();
  for (std::size_t at = 0; at < bytes.size(); at += 13) {
    const tg::group group(std::string_view(bytes).substr(at, 47));
    EXPECT_EQ(group.name(), bytes.substr(at, 47));
  }
  const std::string zeros(10, '\0');
  EXPECT_EQ(tg::group(zeros).name(), zeros);
}

TEST(name, is_copied) {
  auto text = std::make_unique<std::string>("first words");
  const tg::group group(*text);
  text->assign("other words");
  text.reset();
  EXPECT_EQ(group.name(), "first words");
}

TEST(name, need_not_be_unique) {
  tg::group first("same"), second("same");
  EXPECT_EQ(first.name(), second.name());
  EXPECT_NE(first.id(), second.id());
}

TEST(name, is_seen_by_the_groups_tasks) {
  tg::group group("seen inside");
  auto seen =
      group.submit([] { return std::make_unique<std::string>(tg::this_task::current_group().name()); });
  EXPECT_EQ(*seen.get(), "seen inside");
  expect_joins(group, {.succeeded = 1});
}

TEST(id, is_never_zero_and_never_used_again) {
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 2'000; ++i) {
    const tg::group group("brief");
    EXPECT_TRUE(ids.insert(group.id()).second) << group.id() << " came twice";
  }
  EXPECT_FALSE(ids.contains(0));
}

TEST(id, stays_the_same_for_life) {
  tg::group group("stable");
  const std::uint64_t id = group.id();
  group.add_task([&] {
    EXPECT_EQ(group.id(), id);
    EXPECT_EQ(tg::this_task::current_group().id(), id);
  });
  expect_joins(group, {.succeeded = 1});
  group.set_event();
  EXPECT_TRUE(group.reset_event());
  EXPECT_EQ(group.id(), id);
}

}  // namespace
