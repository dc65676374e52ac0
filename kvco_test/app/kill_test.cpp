// Eight handlers whose process and whose server are killed: each acknowledged entry is handled, and SIGTERM drains.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kvco_test/app/app_fixture.hpp>

#include <fstream>
#include <set>
#include <stdexcept>

extern char** environ;

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

/// The handler and the revision.
using work_done = std::multiset<std::pair<int, revision>>;

class eight_handlers {
 public:
  eight_handlers(const nats_server& server) : url_(server.url()), file_(server.folder() / "seen") { start(); }
  ~eight_handlers() {
    if (pid_ > 0) kill();
  }
  eight_handlers(const eight_handlers&) = delete;
  eight_handlers& operator=(const eight_handlers&) = delete;

  void start() {
    std::string program = KVCO_EIGHT_HANDLERS, file = file_.string();
    char* arguments[] = {program.data(), url_.data(), file.data(), nullptr};
    if (::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments, environ) != 0)
      throw std::runtime_error("cannot start " + program);
  }
  void kill() { end(SIGKILL); }
  /// Its exit status.
  int terminate() { return end(SIGTERM); }
  bool is_running() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

  work_done done() const {
    work_done all;
    std::ifstream in(file_);
    for (std::pair<int, revision> one; in >> one.first >> one.second;) all.insert(one);
    return all;
  }

 private:
  int end(int signal) {
    int status = -1;
    ::kill(pid_, signal);
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string url_;
  std::filesystem::path file_;
  pid_t pid_ = -1;
};

/// Writes to the keys of all handlers until it is stopped, and remembers what was acknowledged.
class writer {
 public:
  explicit writer(bucket to) : to_(std::move(to)) {
    asio::co_spawn(to_.get_executor(), write_all(), [this](std::exception_ptr) { is_done_ = true; });
  }
  asio::awaitable<void> stop() {
    is_stopped_ = true;
    co_await until([this] { return is_done_; });
  }
  asio::awaitable<void> write(int number) {
    const int handler = number % 8;
    const std::string key = "h" + std::to_string(handler) + "." + std::to_string(number);
    const auto [error, rev] = co_await to_.put(key, "v", {.retry = retry::idempotent}, nothrow);
    if (!error) acknowledged_.emplace_back(handler, rev);
  }
  const std::vector<std::pair<int, revision>>& acknowledged() const { return acknowledged_; }

 private:
  asio::awaitable<void> write_all() {
    for (int number = 0; !is_stopped_; ++number) {
      co_await write(number);
      asio::steady_timer pause(to_.get_executor(), 1ms);
      co_await pause.async_wait(asio::deferred);
    }
  }

  bucket to_;
  bool is_stopped_ = false, is_done_ = false;
  std::vector<std::pair<int, revision>> acknowledged_;
};

std::string missing_from(const work_done& done, const writer& from) {
  std::string missing;
  for (const auto& one : from.acknowledged()) {
    if (!done.contains(one)) missing += std::to_string(one.first) + "@" + std::to_string(one.second) + " ";
  }
  return missing;
}

class kill_test : public generations_test {
 protected:
  /// The handlers work: `more` further entries.
  static asio::awaitable<void> progress(const eight_handlers* handlers, std::size_t more) {
    const std::size_t before = handlers->done().size();
    co_await until([=] { return handlers->done().size() >= before + more || !handlers->is_running(); });
    EXPECT_TRUE(handlers->is_running()) << "it has ended by itself";
  }
};
KVCO_ON_ALL_GENERATIONS(kill_test);

TEST_P(kill_test, eight_handlers_lose_no_acknowledged_entry) {
  const auto kill_and_check = [&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()).reconnect([](auto& reconnect) {
      reconnect.initial_delay(5ms).max_delay(50ms);
    }));
    bucket work = co_await nats.create_bucket(bucket_config("WORK"));
    writer all(work);
    eight_handlers handlers(server);
    for (int round = 0; round < 3; ++round) {
      co_await progress(&handlers, 100);
      handlers.kill();
      handlers.start();
      co_await progress(&handlers, 100);
      server.kill();
      server.start();
    }
    co_await progress(&handlers, 100);
    co_await all.stop();
    co_await until([&] { return missing_from(handlers.done(), all).empty() || !handlers.is_running(); });
    EXPECT_EQ(missing_from(handlers.done(), all), "");
    EXPECT_GT(all.acknowledged().size(), 300u);
    EXPECT_EQ(handlers.terminate(), 0) << "drained before its deadline";

    // What was stored at the end is where the next run begins.
    const work_done before = handlers.done();
    const std::size_t acknowledged = all.acknowledged().size();
    for (int number = 1'000'000; number < 1'000'008; ++number) co_await all.write(number);
    handlers.start();
    co_await until([&] { return missing_from(handlers.done(), all).empty() || !handlers.is_running(); });
    EXPECT_EQ(handlers.terminate(), 0);
    EXPECT_EQ(handlers.done().size(), before.size() + all.acknowledged().size() - acknowledged);
  };
  run(kill_and_check, 100s);
}

}  // namespace
}  // namespace kvco::test
