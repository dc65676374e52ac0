// How a service is tested: with GoogleTest, and a private nats-server for each test. Link GTest::gtest_main and kvco::testing.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <kvco/kvco.hpp>
#include <kvco/testing/nats_server.hpp>

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;  // a && b: both at once

// The service: it reserves pieces that are in stock, and never one of them twice. Several instances of it may run.
class warehouse {
 public:
  explicit warehouse(kvco::bucket stock) : stock_(std::move(stock)) {}

  asio::awaitable<bool> reserve(std::string article) {
    while (true) {
      auto now = co_await stock_.get(article, {.consistency = kvco::consistency::leader});
      const int pieces = now ? std::stoi(std::string(now->value())) : 0;
      if (pieces == 0) co_return false;
      const std::string rest = std::to_string(pieces - 1);
      auto [error, revision] = co_await stock_.update(article, rest, now->revision(), kvco::nothrow);
      if (!error) co_return true;
      if (error != kvco::errc::wrong_last_revision) throw boost::system::system_error(error);
    }
  }

 private:
  kvco::bucket stock_;
};

// Each test has a server, a client and a bucket of its own: tests can run at the same time, in any order.
class warehouse_test : public testing::Test {
 protected:
  template <class Work>
  auto run(Work work) {
    return kvco::blocking(reactor, std::move(work));  // awaits it on this thread; throws its error
  }

  kvco::nats_server server;  // it accepts clients as soon as it is constructed
  asio::io_context reactor{1};
  kvco::client nats = kvco::blocking(reactor, kvco::connect(server.url()));
  kvco::bucket stock = kvco::blocking(reactor, nats.create_bucket(kvco::bucket_config("STOCK")));
  warehouse service{stock};
};

TEST_F(warehouse_test, reserves_what_is_in_stock) {
  run(stock.put("apple", "1"));
  EXPECT_TRUE(run(service.reserve("apple")));
  EXPECT_FALSE(run(service.reserve("apple")));
  EXPECT_FALSE(run(service.reserve("pear")));
}

TEST_F(warehouse_test, gives_the_last_piece_to_one_of_two) {
  run(stock.put("apple", "1"));
  warehouse other(stock);
  const auto [first, second] = run(service.reserve("apple") && other.reserve("apple"));
  EXPECT_NE(first, second);
}

TEST_F(warehouse_test, continues_after_a_crash_of_the_server) {
  run(stock.put("apple", "2"));
  server.kill();
  server.start();
  EXPECT_TRUE(run(service.reserve("apple")));
  EXPECT_EQ(run(stock.get("apple"))->value(), "1");
}
