// A process without a descriptor (EMFILE) or a thread (EAGAIN) left: connections fail and are tried again, nothing else is disturbed.
#include <gmock/gmock.h>
#include <kvco_test/support/server/connecting.hpp>

#include <pthread.h>
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

/// As long as it lives no thread can be started: there is no address space for its stack.
class shortage_of_threads {
 public:
  shortage_of_threads() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    ::pthread_getattr_default_np(&huge);
    ::pthread_attr_setstacksize(&huge, std::size_t{1} << 48);
    EXPECT_EQ(::pthread_setattr_default_np(&huge), 0);
    ::pthread_attr_destroy(&huge);
  }
  ~shortage_of_threads() {
    ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
  }
  shortage_of_threads(const shortage_of_threads&) = delete;
  shortage_of_threads& operator=(const shortage_of_threads&) = delete;

 private:
  pthread_attr_t before_{};
};

class descriptors_test : public server_test {};

// Asio asks for addresses on a thread of its own, and throws where it cannot start it.
// field: L3
TEST_F(descriptors_test, a_name_is_not_found_without_a_thread) {
  run([&]() -> asio::awaitable<void> {
    const config wanted =
        config("nats://localhost:" + std::to_string(server.port())).reconnect([](auto& reconnect) {
          reconnect.initial_delay(5ms).max_delay(20ms);
        });
    heard<client> patient;
    int failures = 0;
    {
      const shortage_of_threads none_left;
      const refusal how = co_await refused(wanted);
      EXPECT_EQ(how.code, errc::connect_failed) << how.code;
      EXPECT_THAT(how.what, HasSubstr("Resource temporarily unavailable"));
      const auto count = [&](const client_event& event) {
        failures += event.kind == event_kind::connect_failed;
      };
      connect(co_await asio::this_coro::executor,
              config(wanted)
                  .reconnect([](auto& reconnect) { reconnect.retry_first_connect(true); })
                  .observe([&](auto& observe) { observe.on_event(count); }),
              patient);
      co_await until([&] { return failures >= 2; });
      EXPECT_FALSE(patient.done());
    }
    co_await until([&] { return patient.done(); });
    EXPECT_FALSE(patient.code()) << patient.code();
    EXPECT_TRUE(patient.done() && patient.value().is_connected());
  });
}

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
    client nats = co_await connect(config(server.url()).reconnect([](auto& reconnect) {
      reconnect.initial_delay(5ms).max_delay(20ms);
    }));
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
