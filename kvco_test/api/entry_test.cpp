// Entries own their bytes: entry.cpp.
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/entry.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace kvco {
namespace {

using namespace std::chrono_literals;

detail::entry_fields sample(std::string_view value = "value") {
  return {.bucket = "orders",
          .key = "order.1",
          .value = value,
          .value_size = value.size(),
          .rev = 18446744073709551615u,
          .pending = 9223372036854775808u,
          .created_ns = 1795234154811871102,
          .op = operation::put};
}

void expect_sample(const entry& e, std::string_view value = "value") {
  EXPECT_EQ(e.bucket(), "orders");
  EXPECT_EQ(e.key(), "order.1");
  EXPECT_EQ(e.value(), value);
  EXPECT_EQ(e.value_size(), value.size());
  EXPECT_EQ(e.revision(), 18446744073709551615u);
  EXPECT_EQ(e.delta(), 9223372036854775808u);
  EXPECT_EQ(e.created().time_since_epoch(), 1795234154811871102ns);
  EXPECT_EQ(e.operation(), operation::put);
}

// A large value, of which no memory is kept for the next one.
TEST(entry, owns_a_copy_in_one_allocation) {
  std::string bucket = "orders", key = "order.1", value(10'000, 'v');
  detail::entry_fields fields = sample(value);
  fields.bucket = bucket;
  fields.key = key;
  const std::uint64_t before = test::allocations();
  const entry e(fields);
  EXPECT_EQ(test::allocations(), before + 1);
  bucket = key = value = "xxxxxxx";
  expect_sample(e, std::string(10'000, 'v'));
}

TEST(entry, made_of_nothing_is_safe) {
  const entry empty;
  const entry copy = empty;
  for (const entry* e : {&empty, &copy}) {
    EXPECT_EQ(e->bucket(), "");
    EXPECT_EQ(e->key(), "");
    EXPECT_EQ(e->value(), "");
    EXPECT_EQ(e->value_size(), 0u);
    EXPECT_EQ(e->revision(), 0u);
    EXPECT_EQ(e->delta(), 0u);
    EXPECT_EQ(e->created(), std::chrono::system_clock::time_point());
    EXPECT_EQ(e->operation(), operation::put);
  }
}

TEST(entry, moves_without_a_copy) {
  const std::string large(1 << 20, 'v');
  entry e(sample(large));
  const char* bytes = e.value().data();
  const std::uint64_t before = test::allocations();
  entry moved = std::move(e);
  e = std::move(moved);
  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(e.value().data(), bytes);
  expect_sample(e, large);
  static_assert(std::is_nothrow_move_constructible_v<entry>);
  static_assert(sizeof(entry) == sizeof(void*));
}

TEST(entry, copies_deeply) {
  entry copy;
  {
    const entry e(sample());
    copy = e;
    EXPECT_NE(copy.value().data(), e.value().data());
  }
  expect_sample(copy);
  entry& same = copy;
  copy = same;
  expect_sample(copy);
  copy = entry();
  EXPECT_EQ(copy.key(), "");
}

TEST(entry, lives_in_containers) {
  std::vector<entry> many;
  for (int i = 0; i < 100; ++i) many.emplace_back(sample());
  many.erase(many.begin(), many.begin() + 50);
  for (const entry& e : many) expect_sample(e);
}

TEST(entry, keeps_all_bytes_of_a_value) {
  std::string value;
  for (int i = 0; i < 256; ++i) value += static_cast<char>(i);
  expect_sample(entry(sample(value)), value);
  expect_sample(entry(sample("")), "");
}

TEST(entry, may_know_a_size_without_a_value) {
  detail::entry_fields fields = sample("");
  fields.value_size = 123;
  fields.op = operation::purge;
  const entry e(fields);
  EXPECT_EQ(e.value(), "");
  EXPECT_EQ(e.value_size(), 123u);
  EXPECT_EQ(e.operation(), operation::purge);
}

TEST(operation_names, are_those_of_the_protocol) {
  EXPECT_EQ(to_string(operation::put), "PUT");
  EXPECT_EQ(to_string(operation::erase), "DEL");
  EXPECT_EQ(to_string(operation::purge), "PURGE");
}

}  // namespace
}  // namespace kvco
