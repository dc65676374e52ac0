// The client's process is stopped for longer than its timers run, and goes on (SIGSTOP and SIGCONT, a laptop's lid).
#include <kvco_test/support/server/kv_test.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <iostream>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto asleep = 1s;  // ten intervals of its PINGs

// In the child. False: something failed that the sleep does not excuse.
asio::awaitable<bool> work(std::string url, int ready) {
  client nats = co_await connect(config(url).ping_interval(100ms).reconnect(
      [](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(20ms); }));
  bucket b = co_await nats.create_bucket(bucket_config("B"));
  watcher updates = b.watch("k", {.heartbeat = 100ms});
  while (const std::optional<entry> e = co_await updates.next_initial()) {
  }
  if (::write(ready, "r", 1) != 1) co_return false;
  const auto working_since = steady_clock::now();
  for (auto last = working_since; steady_clock::now() - last < asleep / 2;) {
    last = steady_clock::now();
    if (last - working_since > 30s) co_return false;  // nobody has stopped it
    co_await b.put("before", "x", {.timeout = 200ms}, nothrow);
  }
  for (int i = 0; i < 100; ++i) {  // begun after the sleep: none of them is late
    auto [code, rev] = co_await b.put("k", std::to_string(i), {.timeout = 10s}, nothrow);
    if (code && code != errc::outcome_unknown) {
      std::cerr << "put " << i << " failed: " << code << '\n';
      co_return false;
    }
  }
  std::string value;
  while (value != "99") {
    const std::optional<entry> e = co_await updates.next();
    value = std::string(e.value().value());
  }
  co_return true;
}

class suspended_test : public server_test {};

// fault: 19
TEST_F(suspended_test, goes_on_as_if_nothing_had_happened) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    bool good = false;
    try {
      run([&]() -> asio::awaitable<void> { good = co_await work(server.url(), ready[1]); });
    } catch (const std::exception& failure) {
      std::cerr << failure.what() << '\n';
    }
    ::_exit(good ? 0 : 1);  // nothing of the parent's is torn down here
  }
  ::close(ready[1]);
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1) << "it ended before it worked";
  ::close(ready[0]);
  ::kill(child, SIGSTOP);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status)) << status;
  ::usleep(std::chrono::microseconds(asleep).count());
  ::kill(child, SIGCONT);
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace kvco::test
