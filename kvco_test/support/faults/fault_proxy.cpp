// A TCP proxy that does what networks do. See the header.
#include <kvco_test/support/faults/fault_proxy.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco_test/support/server/loopback.hpp>
#include <kvco_test/support/server/nats_server.hpp>
#include <list>
#include <optional>
#include <random>

namespace kvco::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;
using error = boost::system::error_code;

using net::as_tuple_deferred;
constexpr std::size_t read_size = 64 * 1024;

}  // namespace

// One connection: the client's side, and ours to the server.
struct fault_proxy::link {
  explicit link(tcp::socket from) : client(std::move(from)), server(client.get_executor()) {}

  tcp::socket& source(direction way) { return way == direction::to_client ? server : client; }
  tcp::socket& sink(direction way) { return way == direction::to_client ? client : server; }
  // Whatever still comes is thrown away, and each side is told that the other has ended.
  void finish() {
    if (std::exchange(ended, true)) return;
    finish_socket(client);
    finish_socket(server);
  }
  void reset() {
    ended = true;
    reset_socket(client);
    reset_socket(server);
  }
  void cut(cut_with how) { how == cut_with::fin ? finish() : reset(); }

  std::size_t& carried(direction way) { return carried_[way == direction::to_client]; }

  tcp::socket client, server;
  client_frame_parser sent;
  server_frame_parser received;
  bool ended = false;
  int halves_finished = 0;

 private:
  std::array<std::size_t, 2> carried_{};
};

struct fault_proxy::state : std::enable_shared_from_this<state> {
  using link_ptr = std::shared_ptr<link>;

  state(asio::any_io_executor on, std::uint16_t to, proxy_options wanted)
      : executor(std::move(on)),
        target(to),
        options(std::move(wanted)),
        random(static_cast<std::mt19937::result_type>(options.seed)),
        changed{asio::steady_timer(executor), asio::steady_timer(executor)} {
    for (auto& timer : changed) timer.expires_at(steady_clock::time_point::max());
  }

  flow_faults& faults_of(direction way) { return faults[way == direction::to_client]; }
  asio::steady_timer& changed_of(direction way) { return changed[way == direction::to_client]; }

  void listen() {
    acceptor.emplace(listen_on(executor, port.number()));
    asio::co_spawn(executor, accept(shared_from_this(), ++listening), asio::detached);
  }
  // The acceptor of an earlier listen() may still be in this loop: `number` tells.
  static asio::awaitable<void> accept(std::shared_ptr<state> self, int number) {
    while (self->listening == number) {
      auto [code, socket] = co_await self->acceptor->async_accept(as_tuple_deferred);
      if (self->listening != number) co_return;
      if (code) continue;  // the client has gone again
      ++self->dials;
      self->dial_times.push_back(steady_clock::now());
      asio::co_spawn(self->executor, serve(self, std::make_shared<link>(std::move(socket))), asio::detached);
    }
  }
  static asio::awaitable<void> serve(std::shared_ptr<state> self, link_ptr made) {
    self->links.push_back(made);
    made->sent.set_max_payload(self->options.max_payload);
    const auto [code] = co_await made->server.async_connect(loopback(self->target), as_tuple_deferred);
    if (code || made->ended) {
      self->remove(made);
      co_return;
    }
    made->client.set_option(tcp::no_delay(true));
    made->server.set_option(tcp::no_delay(true));
    asio::co_spawn(self->executor, carry(self, made, direction::to_server), asio::detached);
    co_await carry(self, made, direction::to_client);
  }
  void remove(const link_ptr& old) {
    old->reset();
    links.remove(old);
  }

  static asio::awaitable<void> carry(std::shared_ptr<state> self, link_ptr on, direction way) {
    std::string buffer(read_size, '\0');
    asio::steady_timer timer(self->executor);
    error code;
    while (!code) {
      const auto [ec, size] =
          co_await on->source(way).async_read_some(asio::buffer(buffer), as_tuple_deferred);
      code = ec;
      if (code) break;
      if (on->ended) continue;
      self->passed[way == direction::to_client] += size;
      std::string bytes = self->inspect(*on, way, std::string_view(buffer).substr(0, size));
      co_await self->wait_while_stalled(*on, way);
      if (const auto gather = self->faults_of(way).gather; gather.count() > 0) {
        timer.expires_after(gather);
        (void)co_await timer.async_wait(as_tuple_deferred);
        self->gather(*on, way, bytes);
      }
      self->garble(way, bytes);
      code = co_await self->write(*on, way, bytes, timer);
    }
    if (code == asio::error::eof) {
      finish_socket(on->sink(way));
      if (++on->halves_finished < 2) co_return;  // the other direction goes on to its own end
    }
    self->remove(on);
  }

  asio::awaitable<void> wait_while_stalled(link& on, direction way) {
    while (faults_of(way).stalled && !on.ended) {
      (void)co_await changed_of(way).async_wait(as_tuple_deferred);
    }
  }

  // What has come meanwhile leaves with the rest.
  void gather(link& on, direction way, std::string& bytes) {
    error code;
    const std::size_t more = on.ended ? 0 : on.source(way).available(code);
    if (code || more == 0) return;
    std::string next(more, '\0');
    const std::size_t got = on.source(way).read_some(asio::buffer(next), code);
    passed[way == direction::to_client] += got;
    bytes += inspect(on, way, std::string_view(next).substr(0, got));
  }

  std::size_t up_to(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(1, std::max<std::size_t>(1, most))(random);
  }

  void garble(direction way, std::string& bytes) {
    const double chance = faults_of(way).garble;
    if (chance == 0 || bytes.empty() || std::uniform_real_distribution<>()(random) >= chance) return;
    char& victim = bytes[up_to(bytes.size()) - 1];
    victim = static_cast<char>(victim ^ (1 << (up_to(8) - 1)));
    ++spoilt;
  }

  asio::awaitable<error> write(link& on, direction way, std::string_view bytes, asio::steady_timer& timer) {
    while (!bytes.empty() && !on.ended) {
      const flow_faults now = faults_of(way);
      std::size_t size = now.piece == 0 ? bytes.size() : std::min(bytes.size(), up_to(now.piece));
      if (now.cut_after) {
        size = std::min(size, *now.cut_after - std::min(*now.cut_after, on.carried(way)));
        if (size == 0) co_return on.cut(now.cut), error();
      }
      if (now.bytes_per_second != 0)
        size = std::min(size, std::max<std::size_t>(1, now.bytes_per_second / 20));
      const auto [code, written] =
          co_await asio::async_write(on.sink(way), asio::buffer(bytes.data(), size), as_tuple_deferred);
      if (code) co_return code;
      bytes.remove_prefix(written);
      on.carried(way) += written;
      if (now.bytes_per_second != 0) {
        timer.expires_after(std::chrono::nanoseconds(written * 1'000'000'000 / now.bytes_per_second));
        (void)co_await timer.async_wait(as_tuple_deferred);
      }
      co_await wait_while_stalled(on, way);
    }
    co_return error();
  }

  std::string inspect(link& on, direction way, std::string_view bytes) {
    if (!options.reads_frames) return std::string(bytes);
    if (way == direction::to_client) return decide(on, bytes);
    if (on.sent.error().empty()) {
      for (const client_frame& frame : on.sent.feed(bytes)) {
        if (options.see_sent) options.see_sent(frame);
      }
      if (!on.sent.error().empty()) malformed.push_back(on.sent.error());
    }
    return std::string(bytes);
  }

  std::string decide(link& on, std::string_view bytes) {
    std::string out;
    for (const server_frame& frame : on.received.feed(bytes)) {
      if (options.see) options.see(frame);
      const fate what = filter ? filter(frame) : fate::pass;
      spoilt += what != fate::pass;
      if (what == fate::lose) continue;
      out += frame.bytes;
      if (what == fate::repeat) out += frame.bytes;
      if (what == fate::spoil) out[out.size() - frame.bytes.size()] = '?';
    }
    if (on.received.broken()) {
      out += on.received.unread();
      on.received.forget_unread();
    }
    return out;
  }

  asio::any_io_executor executor;
  std::uint16_t target;
  proxy_options options;
  reserved_port port;
  std::optional<tcp::acceptor> acceptor;
  int listening = 0;
  std::mt19937 random;
  std::array<flow_faults, 2> faults{};
  std::array<asio::steady_timer, 2> changed;  // cancelled when faults change: who waits looks again
  std::list<link_ptr> links;
  frame_filter filter;
  std::size_t dials = 0, spoilt = 0;
  std::array<std::uint64_t, 2> passed{};
  std::vector<steady_clock::time_point> dial_times;
  std::vector<std::string> malformed;
};

fault_proxy::fault_proxy(asio::any_io_executor executor, std::uint16_t target, proxy_options options)
    : state_(std::make_shared<state>(std::move(executor), target, std::move(options))) {
  state_->listen();
}

fault_proxy::~fault_proxy() {
  refuse(true);
  cut_all(cut_with::reset);
  state_->filter = nullptr;
}

std::uint16_t fault_proxy::port() const { return state_->port.number(); }

std::string fault_proxy::url() const { return "nats://127.0.0.1:" + std::to_string(port()); }

void fault_proxy::set(direction way, flow_faults faults) {
  state_->faults_of(way) = faults;
  state_->changed_of(way).cancel();
}

void fault_proxy::set_both(flow_faults faults) {
  set(direction::to_client, faults);
  set(direction::to_server, faults);
}

void fault_proxy::cut_all(cut_with how) {
  for (const auto& one : state_->links) one->cut(how);
  for (auto& timer : state_->changed) timer.cancel();
}

void fault_proxy::refuse(bool v) {
  if (v == !state_->acceptor.has_value()) return;
  if (!v) return state_->listen();
  ++state_->listening;
  error ignored;
  state_->acceptor->close(ignored);
  state_->acceptor.reset();
}

void fault_proxy::filter(frame_filter decide) { state_->filter = std::move(decide); }

std::size_t fault_proxy::open() const { return state_->links.size(); }
std::size_t fault_proxy::dials() const { return state_->dials; }
std::size_t fault_proxy::lost() const { return state_->spoilt; }
std::uint64_t fault_proxy::bytes(direction way) const { return state_->passed[way == direction::to_client]; }
const std::vector<steady_clock::time_point>& fault_proxy::dial_times() const { return state_->dial_times; }
const std::vector<std::string>& fault_proxy::malformed() const { return state_->malformed; }

}  // namespace kvco::test
