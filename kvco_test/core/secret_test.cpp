// Bytes that do not outlive their use: detail/secret.cpp. What is overwritten cannot be looked at without
// undefined behaviour.
#include <gtest/gtest.h>
#include <kvco/detail/secret.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace kvco::detail {
namespace {

static_assert(!std::is_copy_constructible_v<secret> && !std::is_copy_assignable_v<secret>);
static_assert(std::is_nothrow_move_constructible_v<secret> && std::is_nothrow_move_assignable_v<secret>);

TEST(secret, holds_what_it_was_given) {
  EXPECT_TRUE(secret().empty());
  EXPECT_EQ(secret().view(), "");
  EXPECT_EQ(secret(std::string_view("a\0b", 3)).view(), std::string_view("a\0b", 3));
  EXPECT_EQ(secret(2).view(), std::string_view("\0\0", 2));
}

TEST(secret, moves_without_leaving_its_bytes_behind) {
  secret first(std::string_view("seed"));
  const char* const bytes = first.data();
  secret second(std::move(first));
  EXPECT_EQ(second.data(), bytes) << "the bytes themselves stay where they are";
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
  secret third(std::string_view("other"));
  third = std::move(second);
  EXPECT_EQ(third.view(), "seed");
}

TEST(secret, is_shortened_in_place) {
  secret text(std::string_view("seed and more"));
  char* const bytes = text.data();
  text.shrink(20);
  EXPECT_EQ(text.size(), 13u);
  const secret copy(text.view());
  text.shrink(4);
  EXPECT_EQ(text.view(), "seed");
  EXPECT_EQ(copy.view(), "seed and more");
  EXPECT_EQ(text.data(), bytes) << "not moved elsewhere";
}

}  // namespace
}  // namespace kvco::detail
