// The program while the reader of its output does not read: signals end it, and the connection stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/cli/fixture.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <csignal>

namespace kvco::test {
namespace {

using testing::EndsWith;

class printing_test : public program_test {
 protected:
  /// More than a pipe holds.
  void fill(const std::string& bucket) {
    add(bucket);
    for (const char* key : {"a", "b", "c"}) kvco({"put", bucket, key}, std::string(200'000, 'x'));
  }
  /// Until the pipe is full: it holds 64 KiB, and a page of it may be in use by a single byte.
  void wait_until_blocked(const process& one) const {
    wait_until([&] { return one.unread() > 60'000; }, "it prints less than a pipe holds");
  }
};
KVCO_ALSO_ON_OLDER_GENERATIONS(printing_test);

TEST_P(printing_test, signal_ends_what_waits_for_the_reader) {
  fill("B");
  for (const std::vector<std::string>& call : std::vector<std::vector<std::string>>{
           {"get", "B", "a"}, {"get", "B", ">"}, {"ls", "B", "-v", "--display-value", "--json"}}) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      process prints(words(call), variables);
      wait_until_blocked(prints);
      prints.signal(signal);
      EXPECT_EQ(prints.wait_unread(), 130) << call[0];
      EXPECT_THAT(prints.wait().err, EndsWith("interrupted while it printed\n"));
    }
  }
}

TEST_P(printing_test, interrupted_export_continues_after_what_was_printed) {
  fill("B");
  process exports(words({"export", "B"}), variables);
  wait_until_blocked(exports);
  exports.signal(SIGINT);
  EXPECT_EQ(exports.wait_unread(), 130);
  EXPECT_EQ(exports.wait().err, "kvco: interrupted after revision 0: --from 1 continues\n");
  process watches(words({"watch", "B", "--revision", "2"}), variables);
  wait_until_blocked(watches);
  watches.signal(SIGINT);
  EXPECT_EQ(watches.wait_unread(), 130);
  EXPECT_EQ(watches.wait().err, "kvco: interrupted after revision 1: --revision 2 continues\n");
}

TEST_P(printing_test, stopped_reader_of_the_messages_keeps_nothing_waiting) {
  fill("B");
  const std::string both = "cd '" + folder.string() + "'; exec " + program + " get B a 2>&1";
  process prints({"sh", "-c", both}, variables);
  wait_until_blocked(prints);
  prints.signal(SIGTERM);
  EXPECT_EQ(prints.wait_unread(), 130);
}

// The output of others in the same pipe is not cut by a reader that is slow.
TEST_P(printing_test, others_that_share_the_output_may_block) {
  fill("B");
  process prints({"sh", "-c", program + " get B a --raw; head -c 200000 /dev/zero | tr '\\0' y"}, variables);
  wait_until_blocked(prints);
  const finished end = prints.wait();
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.out, std::string(200'000, 'x') + std::string(200'000, 'y'));
}

TEST_P(printing_test, output_is_added_to_a_file) {
  fill("B");
  EXPECT_EQ(shell("(echo begin; kvco keys B; echo end) > file; kvco keys B >> file; cat file").out,
            "begin\na\nb\nc\nend\na\nb\nc\n");
}

}  // namespace
}  // namespace kvco::test
