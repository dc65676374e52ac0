// The relay.
#include <kvco_test/support/faults/ack_thief.hpp>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco_test/support/server/loopback.hpp>
#include <string_view>
#include <vector>

namespace kvco::test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {
using net::as_tuple_deferred;
enum class theft { none, of_ack, of_write };

struct pair {
  explicit pair(const asio::any_io_executor& executor) : client(executor), server(executor) {}
  void end() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }
  tcp::socket client, server;
  bool mute = false;  // what the server says from now on is lost
};
}  // namespace

struct ack_thief::state {
  state(const asio::any_io_executor& executor, std::uint16_t to)
      : acceptor(executor, loopback(0)), server(loopback(to)) {}

  tcp::acceptor acceptor;
  tcp::endpoint server;
  std::vector<std::weak_ptr<pair>> pairs;
  theft planned = theft::none;
  std::string text;
  bool open = true;
  int thefts = 0;
};

namespace {

template <class State>
asio::awaitable<void> to_server(std::shared_ptr<State> self, std::shared_ptr<pair> ends) {
  std::array<char, 16384> bytes{};
  while (true) {
    const auto [code, size] = co_await ends->client.async_read_some(asio::buffer(bytes), as_tuple_deferred);
    if (code) break;
    const std::string_view read(bytes.data(), size);
    if (self->planned != theft::none && read.find(self->text) != read.npos) {
      ++self->thefts;
      if (std::exchange(self->planned, theft::none) == theft::of_write) break;
      ends->mute = true;
    }
    auto [failed, written] = co_await asio::async_write(ends->server, asio::buffer(read), as_tuple_deferred);
    if (failed) break;
  }
  ends->end();
}

asio::awaitable<void> to_client(std::shared_ptr<pair> ends) {
  std::array<char, 16384> bytes{};
  while (true) {
    const auto [code, size] = co_await ends->server.async_read_some(asio::buffer(bytes), as_tuple_deferred);
    if (code || ends->mute) break;
    auto [failed, written] =
        co_await asio::async_write(ends->client, asio::buffer(bytes, size), as_tuple_deferred);
    if (failed) break;
  }
  ends->end();
}

template <class State>
asio::awaitable<void> accept(std::shared_ptr<State> self) {
  while (self->acceptor.is_open()) {
    const auto ends = std::make_shared<pair>(self->acceptor.get_executor());
    const auto [code] = co_await self->acceptor.async_accept(ends->client, as_tuple_deferred);
    if (code) co_return;
    if (!self->open) continue;
    const auto [refused] = co_await ends->server.async_connect(self->server, as_tuple_deferred);
    if (refused) continue;
    self->pairs.push_back(ends);
    asio::co_spawn(self->acceptor.get_executor(), to_server(self, ends), asio::detached);
    asio::co_spawn(self->acceptor.get_executor(), to_client(ends), asio::detached);
  }
}

}  // namespace

ack_thief::ack_thief(const asio::any_io_executor& executor, std::uint16_t server)
    : state_(std::make_shared<state>(executor, server)) {
  asio::co_spawn(executor, accept(state_), asio::detached);
}
ack_thief::~ack_thief() { close(); }

std::string ack_thief::url() const {
  return "nats://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}
void ack_thief::steal_ack_of(std::string text) {
  state_->planned = theft::of_ack;
  state_->text = std::move(text);
}
void ack_thief::steal_write_of(std::string text) {
  state_->planned = theft::of_write;
  state_->text = std::move(text);
}
void ack_thief::take_connections(bool yes) { state_->open = yes; }
int ack_thief::thefts() const { return state_->thefts; }
void ack_thief::close() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (const auto& each : state_->pairs) {
    if (const auto ends = each.lock()) ends->end();
  }
}

}  // namespace kvco::test
