// The rules of the house, held by this tree. What is left out is listed here, and a list only gets shorter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/rules/comments.hpp>
#include <kvco_test/rules/coroutines.hpp>
#include <kvco_test/rules/includes.hpp>
#include <kvco_test/rules/sizes.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {
namespace {

using testing::IsEmpty;

constexpr std::array<long_file, 0> long_files{};

// Each is awaited in the expression that calls it, by a coroutine that owns what it refers to.
constexpr safe_coroutine safe_coroutines[] = {
    {"net/environment.cpp: resolve", "a step of connect(), which has both in its frame"},
    {"kv/listing.cpp: read_all",
     "a step of the listings, which keep what visits the entries in their frames"},
    {"kv/get_many.cpp: wait_for", "a step of get_many(), which has the reader in its frame"},
    {"kv/put_many.cpp: recover", "a step of put_many(), which has the recovery in its frame"},
    {"publish", "no coroutine itself: the message is encoded before it returns"},
    {"pause_before_retry", "a step of operations that have the backoff in their frames"},
    {"wait", "the signal is a member of what the awaiting coroutine has in its frame; it drops who waits"},
    {"read_some", "the room belongs to the loop that reads, which ends before its buffer does"},
    {"write", "the pieces belong to the loop that writes, which ends before its outbox does"},
};

// Files whose comments are not checked yet.
constexpr std::array<std::string_view, 0> unread_comments{};

const std::vector<source>& this_tree() {
  static const std::vector<source> tree = sources_of(source_root);
  return tree;
}

TEST(rules, the_tree_is_read) { EXPECT_GT(this_tree().size(), 200u); }
TEST(rules, includes_point_downward) { EXPECT_THAT(problems_of_layers(this_tree()), IsEmpty()); }
TEST(rules, public_headers_bring_no_private_library) {
  EXPECT_THAT(problems_of_public_headers(this_tree()), IsEmpty());
}
TEST(rules, files_are_small) { EXPECT_THAT(problems_of_sizes(this_tree(), long_files), IsEmpty()); }
TEST(rules, coroutines_take_values) {
  EXPECT_THAT(problems_of_coroutines(this_tree(), safe_coroutines), IsEmpty());
}
TEST(rules, comments_are_written_in_plain_technical_english) {
  for (const std::string& each : problems_of_comments(this_tree(), unread_comments)) ADD_FAILURE() << each;
}

}  // namespace
}  // namespace kvco::test
