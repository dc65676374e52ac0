// Several addresses of one name, on real sockets: net/dialler.cpp.
#include <gtest/gtest.h>
#include <kvco/net/dialler.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace kvco::net {
namespace {

using namespace std::chrono_literals;
using tcp = asio::ip::tcp;
using std::chrono::steady_clock;

const tcp::endpoint any_port(asio::ip::address_v4::loopback(), 0);

// Takes connections.
struct open_port {
  explicit open_port(asio::io_context& reactor) : acceptor(reactor, any_port) {}
  tcp::endpoint address() const { return acceptor.local_endpoint(); }
  tcp::acceptor acceptor;
};

// Its queue is full: the system drops what else wants to connect.
struct silent_port {
  explicit silent_port(asio::io_context& reactor) : acceptor(reactor) {
    acceptor.open(tcp::v4());
    acceptor.bind(any_port);
    acceptor.listen(0);
    for (std::size_t pending = 0; pending < 3;) {
      const auto answered = std::make_shared<bool>(false);
      auto& socket = waiting.emplace_back(std::make_unique<tcp::socket>(reactor));
      socket->async_connect(address(), [answered](error_code) { *answered = true; });
      reactor.restart();
      reactor.run_for(100ms);
      pending += *answered ? 0 : 1;
    }
  }
  tcp::endpoint address() const { return acceptor.local_endpoint(); }
  tcp::acceptor acceptor;
  std::vector<std::unique_ptr<tcp::socket>> waiting;
};

tcp::endpoint closed_port(asio::io_context& reactor) { return open_port(reactor).address(); }

class dialler_test : public testing::Test {
 protected:
  void start(std::vector<tcp::endpoint> addresses, core::duration patience) {
    asio::co_spawn(reactor, dials.connect(std::move(addresses), steady_clock::now() + patience),
                   [this](std::exception_ptr, error_code code) { result = code; });
  }
  void run_until_done() {
    reactor.restart();
    const auto give_up = steady_clock::now() + 30s;
    while (!result && steady_clock::now() < give_up) reactor.run_one_for(100ms);
  }
  error_code connect(std::vector<tcp::endpoint> addresses, core::duration patience) {
    start(std::move(addresses), patience);
    run_until_done();
    return result.value();
  }

  asio::io_context reactor;
  dialler dials{reactor.get_executor()};
  std::optional<error_code> result;
};

TEST_F(dialler_test, takes_the_first_that_answers) {
  const open_port first(reactor), second(reactor);
  EXPECT_FALSE(connect({first.address(), second.address()}, 30s));
  EXPECT_EQ(dials.take().remote_endpoint(), first.address());
}

TEST_F(dialler_test, goes_on_where_nobody_listens) {
  const tcp::endpoint closed = closed_port(reactor);
  const open_port open(reactor);
  EXPECT_FALSE(connect({closed, closed, open.address()}, 30s));
  EXPECT_EQ(dials.take().remote_endpoint(), open.address());
}

TEST_F(dialler_test, tells_why_the_last_one_failed) {
  const tcp::endpoint closed = closed_port(reactor);
  EXPECT_EQ(connect({closed, closed}, 30s), asio::error::connection_refused);
}

// fault: 3
TEST_F(dialler_test, an_address_that_is_silent_has_its_share_of_the_time) {
  const silent_port silent(reactor);
  const open_port open(reactor);
  EXPECT_FALSE(connect({silent.address(), silent.address(), open.address()}, 600ms));
  EXPECT_EQ(dials.take().remote_endpoint(), open.address());
}

TEST_F(dialler_test, without_any_time_left_each_is_still_asked) {
  const silent_port silent(reactor);
  const open_port open(reactor);
  EXPECT_FALSE(connect({silent.address(), open.address()}, -1s));
  EXPECT_EQ(dials.take().remote_endpoint(), open.address());
}

// fault: 3
TEST_F(dialler_test, cancelled_at_a_silent_address_it_does_not_try_the_next) {
  const silent_port silent(reactor);
  const open_port open(reactor);
  for (const bool last : {false, true}) {
    result.reset();
    std::vector<tcp::endpoint> addresses{silent.address()};
    if (!last) addresses.push_back(open.address());
    start(addresses, 30s);
    asio::post(reactor, [this] { dials.cancel(); });
    run_until_done();
    EXPECT_EQ(result, asio::error::operation_aborted) << last;
  }
}

}  // namespace
}  // namespace kvco::net
