// The commands that kvco runs: locks, changes, and that none of them outlives kvco.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/cli/fixture.hpp>
#include <kvco_test/support/faults/ack_thief.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <csignal>

namespace kvco::test {
namespace {

using testing::HasSubstr;

class child_test : public program_test {
 protected:
  /// `kvco lock n`, with a shell in it.
  std::vector<std::string> locked(const std::string& script, std::vector<std::string> flags = {}) const {
    std::vector<std::string> all = words({"lock", "n"});
    all.insert(all.end(), flags.begin(), flags.end());
    all.insert(all.end(), {"--", "sh", "-c", script});
    return all;
  }
  pid_t pid_in(const std::string& file) const {
    pid_t pid = -1;
    std::ifstream(folder / file) >> pid;
    return pid;
  }
};
KVCO_ALSO_ON_OLDER_GENERATIONS(child_test);

TEST_P(child_test, lock_lets_one_in_at_a_time) {
  std::ofstream(folder / "number") << 0;
  const std::string add_one = "lock counter -- sh -c 'echo $(($(cat number) + 1)) > number'";
  std::string all;
  for (int i = 0; i < 5; ++i) all += "for i in 1 2 3; do kvco " + add_one + "; done &\n";
  const finished end = shell(all + "wait; cat number");
  EXPECT_EQ(end.out, "15\n");
}

TEST_P(child_test, lock_passes_on_how_the_command_ends) {
  EXPECT_EQ(kvco({"lock", "n", "--", "sh", "-c", "exit 7"}).code, 7);
  EXPECT_EQ(kvco({"lock", "n", "--", "sh", "-c", "kill -9 $$"}).code, 137);
  const finished missing = kvco({"lock", "n", "--", "no-such-program"});
  EXPECT_EQ(missing.code, 127);
  EXPECT_THAT(missing.err, HasSubstr("no-such-program: No such file"));
  EXPECT_EQ(kvco({"lock", "n", "--wait", "0", "--", "true"}).code, 0) << "it was released each time";
}

TEST_P(child_test, lock_that_is_held_or_lost_is_75) {
  process holder(words({"lock", "n", "--ttl", "4s", "--", "sh", "-c", "echo holds; exec sleep 600"}),
                 variables);
  holder.wait_for_output("holds\n");
  const finished second = kvco({"lock", "n", "--wait", "0", "--", "true"});
  EXPECT_EQ(second.code, 75);
  EXPECT_THAT(second.err, HasSubstr("LOCKS > n: is held by "));
  EXPECT_EQ(kvco({"put", "LOCKS", "n", "stolen"}).code, 0);
  const finished lost = holder.wait();
  EXPECT_EQ(lost.code, 75);
  EXPECT_THAT(lost.err, HasSubstr("the lock is lost"));
  EXPECT_EQ(kvco({"get", "LOCKS", "n", "--raw"}).out, "stolen");
}

TEST_P(child_test, lock_is_released_when_it_is_interrupted) {
  process holder(words({"lock", "n", "--", "sh", "-c", "echo holds; exec sleep 600"}), variables);
  holder.wait_for_output("holds\n");
  holder.signal(SIGTERM);
  EXPECT_EQ(holder.wait().code, 128 + SIGTERM);
  EXPECT_EQ(kvco({"lock", "n", "--wait", "0", "--", "true"}).code, 0);
}

TEST_P(child_test, commands_run_on_changes) {
  add("B");
  kvco({"put", "B", "app.a", "1"});
  process runs(
      words({"exec-on-change", "B", "app.>", "--", "sh", "-c", "cat; echo $KVCO_KEY $KVCO_REVISION"}),
      variables);
  runs.wait_for_output("app.a 1\n");
  kvco({"put", "B", "app.b", "2"});
  runs.wait_for_output("app.b 2\n");
  runs.signal(SIGTERM);
  const finished end = runs.wait();
  EXPECT_EQ(end.code, 130);
  EXPECT_THAT(end.out, HasSubstr("\"value\":\"2\""));
  EXPECT_EQ(kvco({"exec-on-change", "B", "app.a", "--once", "--", "sh", "-c", "exit 9"}).code, 9);
}

// --- signals -----------------------------------------------------------------------------------------------------------

/// Reports each SIGINT, SIGTERM and SIGHUP, and goes on. Its number is in the file `pid`.
const std::string stubborn =
    "trap 'echo INT' INT; trap 'echo TERM' TERM; trap 'echo HUP' HUP; echo $$ > pid; echo runs; "
    "while :; do sleep 600 & wait; done";

TEST_P(child_test, first_signal_is_passed_on_and_a_second_one_kills) {
  for (const auto& [signal, name] : {std::pair(SIGINT, "INT\n"), {SIGTERM, "TERM\n"}, {SIGHUP, "HUP\n"}}) {
    process holder(locked("cd '" + folder.string() + "'; " + stubborn), variables);
    holder.wait_for_output("runs\n");
    holder.signal(signal);
    holder.wait_for_output(name);
    EXPECT_TRUE(is_alive(pid_in("pid")));
    EXPECT_EQ(kvco({"lock", "n", "--wait", "0", "--", "true"}).code, 75) << "it is still held";
    holder.signal(signal);
    EXPECT_EQ(holder.wait_unread(), 128 + SIGKILL);
    EXPECT_FALSE(is_alive(pid_in("pid"))) << name;
    EXPECT_EQ(kvco({"lock", "n", "--wait", "0", "--", "true"}).code, 0) << "it was released";
  }
}

TEST_P(child_test, second_signal_kills_the_command_of_a_change) {
  add("B");
  kvco({"put", "B", "k", "v"});
  const std::string script = "cd '" + folder.string() + "'; " + stubborn;
  process runs(words({"exec-on-change", "B", "k", "--", "sh", "-c", script}), variables);
  runs.wait_for_output("runs\n");
  runs.signal(SIGTERM);
  runs.wait_for_output("TERM\n");
  EXPECT_TRUE(is_alive(pid_in("pid")));
  runs.signal(SIGTERM);
  EXPECT_EQ(runs.wait_unread(), 130);
  EXPECT_FALSE(is_alive(pid_in("pid")));
}

// A shell ends at once, and what it has started may have to clean up.
// The inner shell starts nothing: a shell that forks loses a signal that comes before its child has reset the traps.
TEST_P(child_test, lock_is_held_until_all_that_got_the_signal_have_ended) {
  const std::string inner =
      "trap 'echo cleans; while ! test -e go; do sleep 0.01; done; echo clean; exit' TERM; echo runs; "
      "while :; do :; done";
  process holder(locked("cd '" + folder.string() + "'; echo $$ > pid; sh -c \"" + inner + "\"; true"),
                 variables);
  holder.wait_for_output("runs\n");
  holder.signal(SIGTERM);
  holder.wait_for_output("cleans\n");
  wait_until([&] { return !is_alive(pid_in("pid")); }, "it has not ended");
  EXPECT_EQ(kvco({"lock", "n", "--wait", "0", "--", "true"}).code, 75);
  std::ofstream(folder / "go") << "";
  const finished end = holder.wait();
  EXPECT_EQ(end.code, 128 + SIGTERM);
  EXPECT_THAT(end.out, HasSubstr("clean\n"));
  EXPECT_EQ(kvco({"lock", "n", "--wait", "0", "--", "true"}).code, 0);
}

TEST_P(child_test, command_is_killed_with_kvco) {
  process holder(
      locked("cd '" + folder.string() + "'; echo $$ > pid; echo runs; trap '' TERM; while :; do :; done"),
      variables);
  holder.wait_for_output("runs\n");
  holder.signal(SIGKILL);
  EXPECT_EQ(holder.wait_unread(), 128 + SIGKILL);
  wait_until([&] { return !is_alive(pid_in("pid")); }, "it has not ended");
}

TEST_P(child_test, command_that_ignores_the_loss_of_its_lock_is_killed) {
  process holder(locked("cd '" + folder.string() + "'; " + stubborn, {"--ttl", "1s"}), variables);
  holder.wait_for_output("runs\n");
  EXPECT_EQ(kvco({"put", "LOCKS", "n", "stolen"}).code, 0);
  EXPECT_EQ(holder.wait_unread(), 75);
  EXPECT_FALSE(is_alive(pid_in("pid")));
  const finished end = holder.wait();
  EXPECT_THAT(end.out, HasSubstr("TERM\n"));
  EXPECT_THAT(end.err, HasSubstr("LOCKS > n: the lock is lost"));
}

// It may have been stored.
TEST_P(child_test, lock_whose_acquisition_is_interrupted_is_released) {
  ASSERT_EQ(kvco({"add", "LOCKS", "--ttl", "15s"}).code, 0);
  asio::io_context reactor(1);
  ack_thief thief(reactor.get_executor(), server.port());
  thief.steal_ack_of("$KV.LOCKS.n");
  process holder(words({"lock", "n", "-s", thief.url(), "--", "true"}), variables);
  drive_until(reactor, [&] { return thief.thefts() == 1; });
  thief.take_connections(false);  // it cannot ask again
  wait_until([&] { return kvco({"get", "LOCKS", "n"}).code == 0; }, "it is not held");
  holder.signal(SIGINT);
  thief.take_connections(true);
  drive_until(reactor, [&] { return holder.has_ended(); });
  EXPECT_EQ(holder.wait().code, 130);
  EXPECT_EQ(kvco({"get", "LOCKS", "n"}).code, 3);
  thief.close();
}

// --- the terminal ------------------------------------------------------------------------------------------------------

TEST_P(child_test, keys_of_the_terminal_are_signals_for_kvco) {
  process holder(locked("cd '" + folder.string() + "'; " + stubborn), variables, 80);
  holder.wait_for_output("runs");
  holder.write("\x03");
  holder.wait_for_output("INT");
  EXPECT_TRUE(is_alive(pid_in("pid")));
  holder.write("\x03");
  EXPECT_EQ(holder.wait().code, 128 + SIGKILL);
  EXPECT_FALSE(is_alive(pid_in("pid")));
}

TEST_P(child_test, command_that_reads_the_terminal_gets_it) {
  process holder(locked("echo runs; read word; echo got $word; read word; echo got $word"), variables, 80);
  holder.wait_for_output("runs");
  holder.write("one\n");
  holder.wait_for_output("got one");
  holder.write("\x1a");  // ^Z stops both of them, as any job
  wait_until([&] { return holder.is_stopped(); }, "it is not stopped");
  holder.signal(SIGCONT);
  holder.write("two\n");
  holder.wait_for_output("got two");
  EXPECT_EQ(holder.wait().code, 0);
}

// It starts nothing: a process that is stopped between vfork and exec keeps its shell from being stopped.
TEST_P(child_test, stopped_lock_stops_its_command) {
  process holder(locked("cd '" + folder.string() + "'; echo $$ > pid; echo runs; while :; do :; done"),
                 variables, 80);
  holder.wait_for_output("runs");
  holder.write("\x1a");
  wait_until([&] { return holder.is_stopped(); }, "it is not stopped");
  EXPECT_TRUE(is_stopped(pid_in("pid")));
  holder.signal(SIGCONT);
  wait_until([&] { return !is_stopped(pid_in("pid")); }, "it is stopped");
  holder.write("\x03");
  EXPECT_EQ(holder.wait().code, 128 + SIGINT);
}

}  // namespace
}  // namespace kvco::test
