// Values as arguments: value_view.hpp.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <kvco/entry.hpp>
#include <kvco/many.hpp>
#include <kvco/value_view.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco {
namespace {

std::string_view text_of_value(value_view value) { return value; }

// contract: 10
TEST(value_view, is_text_or_bytes) {
  using namespace std::string_literals;
  const std::array<std::byte, 3> bytes{std::byte{0}, std::byte{0xff}, std::byte{'\r'}};
  const std::string same("\0\xff\r", 3);
  EXPECT_EQ(text_of_value("text"), "text");
  EXPECT_EQ(text_of_value(same), same);
  EXPECT_EQ(text_of_value(std::string_view(same)), same);
  EXPECT_EQ(text_of_value(bytes), same);
  EXPECT_EQ(text_of_value(std::vector<std::byte>(bytes.begin(), bytes.end())), same);
  EXPECT_EQ(text_of_value(std::span(bytes)), same);
  EXPECT_EQ(text_of_value(std::as_bytes(std::span(same))), same);
  EXPECT_EQ(text_of_value({}), "");
  EXPECT_EQ(value_view(bytes).size(), 3u);
  EXPECT_EQ(text_of_value(bytes).data(), reinterpret_cast<const char*>(bytes.data())) << "nothing is copied";
  static_assert(!std::is_convertible_v<int, value_view> &&
                !std::is_convertible_v<std::span<int>, value_view>);
}

// contract: 10
TEST(value_view, is_the_value_of_an_item) {
  const std::vector<std::byte> bytes(2, std::byte{0xff});
  const put_item items[] = {{"a", "text"}, {"b", bytes}};
  EXPECT_EQ(items[0].value, "text");
  EXPECT_EQ(items[1].value, "\xff\xff");
}

// contract: 10
TEST(value_view, takes_the_bytes_of_an_entry) {
  const std::string value("\0\xff", 2);
  const entry e({.bucket = "b", .key = "k", .value = value, .value_size = value.size(), .rev = 1});
  EXPECT_EQ(e.bytes().size(), 2u);
  EXPECT_EQ(e.bytes()[1], std::byte{0xff});
  EXPECT_EQ(e.bytes().data(), static_cast<const void*>(e.value().data()));
  EXPECT_EQ(text_of_value(e.bytes()), value);
  EXPECT_TRUE(entry().bytes().empty());
}

}  // namespace
}  // namespace kvco
