// A process without a descriptor left (EMFILE): connections fail and are tried again, nothing else is disturbed.
#include <gmock/gmock.h>
#include <kvco_test/support/server/connecting.hpp>

#include <sys/resource.h>

// UBSan opens a pipe to look at an object's type for the first time: without descriptors it takes each for an invalid one.
#if !defined(__SANITIZE_ADDRESS__)

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// As long as it lives this process gets no descriptor more.
class shortage {
 public:
  shortage() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~shortage() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  shortage(const shortage&) = delete;
  shortage& operator=(const shortage&) = delete;

 private:
  rlimit before_{};
};

class descriptors_test : public server_test {};

// fault: 18
TEST_F(descriptors_test, a_new_client_fails_for_that_reason) {
  run([&]() -> asio::awaitable<void> {
    const config wanted(server.url());
    client first = co_await connect(wanted);  // the reactor has its own descriptors now
    refusal how;
    {
      const shortage none_left;
      how = co_await refused(wanted);
    }
    EXPECT_EQ(how.code, errc::connect_failed) << how.code;
    EXPECT_THAT(how.what, HasSubstr("Too many open files"));
    EXPECT_THAT(how.what, HasSubstr(std::to_string(server.port())));
    client second = co_await connect(wanted);
    EXPECT_TRUE(first.is_connected() && second.is_connected());
  });
}

// fault: 18
TEST_F(descriptors_test, a_lost_connection_is_tried_until_there_is_one) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()).reconnect_delay(5ms, 20ms));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", "1");
    watcher updates = b.watch("k", {.heartbeat = 200ms});
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");
    heard<revision> waiting;
    {
      const shortage none_left;
      server.kill();
      const auto refused_by_the_system = [&] {
        return nats.health().last_error_detail.find("Too many open files") != std::string::npos;
      };
      co_await until(refused_by_the_system);
      auto [late, none] = co_await b.put("k", "never", {.timeout = 50ms}, nothrow);
      EXPECT_EQ(late, errc::timeout) << "it was never sent";
      b.put("k", "2", waiting);
    }
    server.start();
    const auto told = [&] { return waiting.done(); };
    co_await until(told);
    EXPECT_FALSE(waiting.code()) << waiting.code();
    EXPECT_EQ(waiting.value(), 2u);
    EXPECT_EQ(co_await next_of(updates), "k@2=2");
    EXPECT_EQ(nats.statistics().reconnects, 1u);
  });
}

}  // namespace
}  // namespace kvco::test

#endif
