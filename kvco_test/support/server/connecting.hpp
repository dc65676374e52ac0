// What the tests of servers, TLS and credentials ask of a config: that it works, or that it is refused, and with which words.
#pragma once

#include <gmock/gmock.h>

#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {

struct refusal {
  error_code code;
  std::string what;
  std::chrono::steady_clock::duration took{};
};

/// Connects, which has to fail, and tells how.
inline asio::awaitable<refusal> refused(config settings) {
  refusal how;
  const auto begin = std::chrono::steady_clock::now();
  try {
    client nats = co_await connect(settings);
    ADD_FAILURE() << "it connected to " << settings.urls();
  } catch (const boost::system::system_error& error) {
    how.code = error.code();
    how.what = error.what();
  }
  how.took = std::chrono::steady_clock::now() - begin;
  co_return how;
}

/// By its deadline, with this meaning and these words among others. Returns all the words.
inline std::string expect_refused(const config& settings, errc meaning, const std::string& words = {}) {
  std::string what;
  run([&]() -> asio::awaitable<void> {
    const refusal how = co_await refused(settings);
    EXPECT_EQ(how.code, meaning) << how.code << " " << how.what;
    EXPECT_THAT(how.what, testing::HasSubstr(words));
    EXPECT_THAT(how.what, testing::Not(testing::HasSubstr("End of file")));
    EXPECT_LT(how.took, std::chrono::seconds(10));
    what = how.what;
  });
  return what;
}

/// A value of several records goes there and back, and a watch sees it.
inline void expect_works(const config& settings) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(settings);
    EXPECT_TRUE(nats.is_connected());
    bucket b = co_await nats.ensure_bucket(bucket_config("CONNECTING"));
    const std::string large(300'000, 'x');
    const revision rev = co_await b.put("k", large);
    const std::optional<entry> e = co_await b.get("k");
    EXPECT_TRUE(e && e->value() == large && e->revision() == rev);
    watcher updates = b.watch_all({.initial_only = true});
    const std::optional<entry> seen = co_await updates.next();
    EXPECT_TRUE(seen && seen->value() == large);
    co_await nats.close();
  });
}

}  // namespace kvco::test
