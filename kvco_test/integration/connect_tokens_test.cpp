// connect() with each kind of completion token: it finds its executor in another way than the operations of a client.
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

/// An address with a server, and one at which nobody listens; the texts that name them are gone when connect() returns.
class connect_tokens_test : public server_test {
 protected:
  std::string address() const { return server.url(); }
  std::string nobody() const { return "nats://127.0.0.1:" + std::to_string(nobody_.number()); }
  void expect_connected(const client& nats) {
    EXPECT_TRUE(nats.is_connected());
    EXPECT_EQ(nats.server_info().port, server.port());
    ++connected_;
  }
  void expect_refused(const error_code& code) {
    EXPECT_EQ(code, errc::connect_failed) << code;
    ++refused_;
  }
  template <class Awaitable>
  asio::awaitable<void> expect_thrown(Awaitable refused) {
    try {
      co_await std::move(refused);
      ADD_FAILURE() << "it connected";
    } catch (const boost::system::system_error& error) {
      expect_refused(error.code());
      EXPECT_NE(std::string(error.what()).find(error.code().message()), std::string::npos) << error.what();
    }
  }
  /// All ways that a coroutine has; `dial` is connect() with the address and a token, or none.
  template <class Dial>
  asio::awaitable<void> in_a_coroutine(Dial dial) {
    {
      const client nats = co_await dial(address());
      expect_connected(nats);
    }
    {
      auto later = dial(address());
      co_await asio::post(asio::deferred);
      const client nats = co_await std::move(later);
      expect_connected(nats);
    }
    {
      const client nats = co_await dial(address(), asio::use_awaitable);
      expect_connected(nats);
    }
    {
      const auto [code, nats] = co_await dial(address(), nothrow);
      EXPECT_FALSE(code);
      expect_connected(nats);
    }
    {
      error_code code;
      const client nats = co_await dial(address(), asio::redirect_error(asio::use_awaitable, code));
      EXPECT_FALSE(code);
      expect_connected(nats);
    }
    co_await expect_thrown(dial(nobody()));
    co_await expect_thrown(dial(nobody(), asio::use_awaitable));
    {
      const auto [code, nats] = co_await dial(nobody(), nothrow);
      expect_refused(code);
    }
    {
      error_code code;
      co_await dial(nobody(), asio::redirect_error(asio::use_awaitable, code));
      expect_refused(code);
    }
    { [[maybe_unused]] auto never = dial(address()); }
    EXPECT_EQ(connected_, 5);
    EXPECT_EQ(refused_, 4);
  }

  asio::io_context reactor{1};

 private:
  reserved_port nobody_;
  int connected_ = 0, refused_ = 0;
};

TEST_F(connect_tokens_test, in_a_coroutine_that_has_an_executor) {
  drive(reactor, [this] {
    return in_a_coroutine([](const std::string& url, auto&&... token) {
      return connect(url, std::forward<decltype(token)>(token)...);
    });
  });
}

TEST_F(connect_tokens_test, in_a_coroutine_with_a_named_context) {
  drive(reactor, [this] {
    return in_a_coroutine([this](const std::string& url, auto&&... token) {
      return connect(reactor, url, std::forward<decltype(token)>(token)...);
    });
  });
}

TEST_F(connect_tokens_test, a_callback) {
  const heard<client> reached, refused;
  connect(reactor, address(), reached);
  connect(reactor, nobody(), refused);
  EXPECT_EQ(reached.times() + refused.times(), 0) << "never inside the call";
  drive_until(reactor, [&] { return reached.done() && refused.done(); });
  EXPECT_FALSE(reached.code()) << reached.code();
  expect_connected(reached.value());
  expect_refused(refused.code());
}

TEST_F(connect_tokens_test, a_future) {
  auto reached = connect(reactor, address(), asio::use_future);
  auto refused = connect(reactor, nobody(), asio::use_future);
  drive_until(reactor, [&] {
    return reached.wait_for(std::chrono::seconds(0)) == std::future_status::ready &&
           refused.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  });
  expect_connected(reached.get());
  try {
    refused.get();
    ADD_FAILURE() << "it connected";
  } catch (const boost::system::system_error& error) {
    expect_refused(error.code());
  }
}

}  // namespace
}  // namespace kvco::test
