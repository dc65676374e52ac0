// A WebSocket server made by hand. See the header.
#include <kvco_test/support/faults/websocket_relay.hpp>

#include <absl/strings/escaping.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco_test/support/server/loopback.hpp>
#include <kvco_test/support/server/nats_server.hpp>
#include <list>

#include <openssl/sha.h>

namespace kvco::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using error = boost::system::error_code;
using net::as_tuple_deferred;

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t largest_head = 16 * 1024;

std::string big_endian(std::uint64_t v, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(v >> 8 * i);
  return text;
}

std::string masked(std::string_view bytes, std::string_view mask) {
  std::string text(bytes);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(text[i] ^ mask[i % 4]);
  return text;
}

std::string accept_of(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(digest.data()));
  return absl::Base64Escape(digest);
}

}  // namespace

std::string websocket_frame(opcode what, std::string_view payload, const frame_quirks& quirks) {
  const std::uint64_t size = quirks.claimed.value_or(payload.size());
  const int bits = quirks.length_bits != 0 ? quirks.length_bits : size < 126 ? 7 : size < 65536 ? 16 : 64;
  std::string frame;
  frame += static_cast<char>((quirks.fin ? 0x80 : 0) | quirks.reserved << 4 | static_cast<unsigned>(what));
  frame += static_cast<char>((quirks.masked ? 0x80U : 0U) | (bits == 7 ? size : bits == 16 ? 126 : 127));
  if (bits != 7) frame += big_endian(size, bits / 8);
  if (!quirks.masked) return frame += payload;
  constexpr std::string_view mask = "mask";
  return frame.append(mask) += masked(payload, mask);
}

std::string websocket_close(unsigned code, std::string_view reason) {
  return websocket_frame(opcode::close, big_endian(code, 2).append(reason));
}

std::string switching_protocols(const std::string& accept, const std::string& fields) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept + "\r\n" + fields + "\r\n";
}

std::vector<websocket_message> websocket_reader::feed(std::string_view bytes) {
  buffer_.append(bytes);
  std::vector<websocket_message> read;
  websocket_message message;
  while (take(message)) read.push_back(std::move(message));
  buffer_.erase(0, at_);
  at_ = 0;
  return read;
}

bool websocket_reader::fail(const char* why) {
  error_ = why;
  return false;
}

bool websocket_reader::take(websocket_message& message) {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (!error_.empty() || rest.size() < 2) return false;
  if (closed_) return fail("words behind a close frame");
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  if ((byte(0) & 0x80) == 0) return fail("a fragment");
  if ((byte(0) & 0x70) != 0) return fail("reserved bits");
  if ((byte(1) & 0x80) == 0) return fail("a frame without a mask");
  message.what = static_cast<opcode>(byte(0) & 0x0f);
  switch (message.what) {
    case opcode::binary:
    case opcode::close:
    case opcode::ping:
    case opcode::pong:
      break;
    default:
      return fail("neither binary nor a control frame");
  }
  const unsigned first = byte(1) & 0x7f;
  if (message.what != opcode::binary && first > 125) return fail("a control frame of more than 125 bytes");
  const std::size_t length_size = first == 126 ? 2 : first == 127 ? 8 : 0;
  const std::size_t head = 2 + length_size + 4;
  if (rest.size() < head) return false;
  std::uint64_t size = length_size == 0 ? first : 0;
  for (std::size_t i = 0; i < length_size; ++i) size = size << 8 | byte(2 + i);
  if ((length_size == 2 && size < 126) || (length_size == 8 && size < 65536))
    return fail("a length in too many bits");
  if (size > 64u << 20) return fail("an absurd length");
  if (rest.size() - head < size) return false;
  const std::string_view mask = rest.substr(head - 4, 4);
  if (mask == last_mask_) return fail("the mask of the frame before");
  last_mask_ = mask;
  message.payload = masked(rest.substr(head, size), mask);
  closed_ = message.what == opcode::close;
  at_ += head + size;
  return true;
}

// One connection: the client's side, and ours to the server.
struct websocket_relay::link {
  explicit link(tcp::socket from)
      : client(std::move(from)), server(client.get_executor()), has_output(client.get_executor()) {
    has_output.expires_at(std::chrono::steady_clock::time_point::max());
  }

  void write(std::string_view bytes) {
    waiting += bytes;
    has_output.cancel();
  }
  /// Behind what waits.
  void end(cut_with how) {
    if (!ending) ending = how;
    has_output.cancel();
  }
  void pass(std::string_view bytes) {
    if (!spoilt && !bytes.empty()) write(frames(bytes));
  }
  void reset() {
    error ignored;
    ended = true;
    reset_socket(client);
    server.close(ignored);
    has_output.cancel();
  }

  tcp::socket client, server;
  asio::steady_timer has_output;  // cancelled when there is something to write, or the end
  std::string waiting, held;
  framer frames;
  websocket_reader reader;
  client_frame_parser sent;
  std::optional<cut_with> ending;
  bool spoilt = false;  // the server is not heard any more
  bool ended = false;
};

struct websocket_relay::state : std::enable_shared_from_this<state> {
  using link_ptr = std::shared_ptr<link>;

  state(asio::any_io_executor on, std::uint16_t to)
      : executor(std::move(on)), target(to), acceptor(listen_on(executor, port.number())) {}

  static asio::awaitable<void> accept(std::shared_ptr<state> self) {
    while (self->acceptor.is_open()) {
      auto [code, socket] = co_await self->acceptor.async_accept(as_tuple_deferred);
      if (code) continue;
      asio::co_spawn(self->executor, serve(self, std::make_shared<link>(std::move(socket))), asio::detached);
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<state> self, link_ptr on) {
    self->links.push_back(on);
    on->client.set_option(tcp::no_delay(true));
    on->frames = self->make_framer();
    std::string head;
    const auto [code, size] = co_await asio::async_read_until(
        on->client, asio::dynamic_buffer(head, largest_head), "\r\n\r\n", as_tuple_deferred);
    if (!code && head.size() > size) self->malformed.push_back("frames before the upgrade was answered");
    if (!code) co_await self->converse(on, std::move(head));
    on->reset();
    self->links.remove(on);
  }

  asio::awaitable<void> converse(link_ptr on, std::string head) {
    const auto self = shared_from_this();
    requests.push_back(head);
    upgrade_answer answer{.bytes = [](const std::string& accept) { return switching_protocols(accept); },
                          .serves = true};
    if (!answers.empty()) {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    on->waiting = answer.bytes(accept_of(header_value(head, "Sec-WebSocket-Key")));
    on->ending = answer.then;
    if (answer.serves) {
      const auto [code] = co_await on->server.async_connect(loopback(target), as_tuple_deferred);
      if (code) co_return;
      on->server.set_option(tcp::no_delay(true));
    }
    if (answer.joined) co_await hear(on);
    asio::co_spawn(executor, write(self, on), asio::detached);
    if (answer.serves) asio::co_spawn(executor, carry(self, on), asio::detached);
    co_await read(on);
  }

  // False: the server has ended.
  asio::awaitable<bool> hear(link_ptr on) {
    std::string buffer(read_size, '\0');
    const auto [code, size] = co_await on->server.async_read_some(asio::buffer(buffer), as_tuple_deferred);
    if (code) co_return false;
    buffer.resize(size);
    if (holding) {
      on->held += buffer;
    } else {
      on->pass(buffer);
    }
    co_return true;
  }

  static asio::awaitable<void> carry(std::shared_ptr<state> self, link_ptr on) {
    bool more = true;
    while (more && !on->ended) more = co_await self->hear(on);
    if (!on->spoilt) on->end(cut_with::fin);
  }

  static asio::awaitable<void> write(std::shared_ptr<state>, link_ptr on) {
    while (!on->ended) {
      if (on->waiting.empty() && on->ending) {
        co_return on->ending == cut_with::reset ? on->reset() : finish_socket(on->client);
      }
      if (on->waiting.empty()) {
        (void)co_await on->has_output.async_wait(as_tuple_deferred);
        continue;
      }
      const std::string bytes = std::exchange(on->waiting, std::string());
      const auto [code, size] =
          co_await asio::async_write(on->client, asio::buffer(bytes), as_tuple_deferred);
      if (code) co_return;
    }
  }

  // Until the client ends.
  asio::awaitable<void> read(link_ptr on) {
    std::string buffer(read_size, '\0');
    while (!on->ended) {
      const auto [code, size] = co_await on->client.async_read_some(asio::buffer(buffer), as_tuple_deferred);
      if (code) co_return;
      std::string words;
      for (const websocket_message& message : on->reader.feed(std::string_view(buffer).substr(0, size))) {
        words += take(*on, message);
      }
      on->sent.feed(words);
      for (const std::string& why : {on->reader.error(), on->sent.error()}) {
        if (why.empty()) continue;
        malformed.push_back(why);
        co_return;
      }
      (void)co_await asio::async_write(on->server, asio::buffer(words), as_tuple_deferred);
    }
  }

  // What there is for the server in it.
  std::string take(link& on, const websocket_message& message) {
    switch (message.what) {
      case opcode::ping:
        on.write(websocket_frame(opcode::pong, message.payload));
        return {};
      case opcode::pong:
        pongs.push_back(message.payload);
        return {};
      case opcode::close:
        closes.push_back(message.payload);
        if (ends_when_asked) on.end(cut_with::fin);
        return {};
      default:
        ++messages;
        return message.payload;
    }
  }

  asio::any_io_executor executor;
  std::uint16_t target;
  reserved_port port;
  tcp::acceptor acceptor;
  std::list<link_ptr> links;
  std::function<framer()> make_framer = [] {
    return framer([](std::string_view bytes) { return websocket_frame(opcode::binary, bytes); });
  };
  std::deque<upgrade_answer> answers;
  bool holding = false, ends_when_asked = true;
  std::vector<std::string> requests, pongs, closes, malformed;
  std::size_t messages = 0;
};

websocket_relay::websocket_relay(asio::any_io_executor executor, std::uint16_t target)
    : state_(std::make_shared<state>(std::move(executor), target)) {
  asio::co_spawn(state_->executor, state::accept(state_), asio::detached);
}

websocket_relay::~websocket_relay() {
  error ignored;
  state_->acceptor.close(ignored);
  for (const auto& one : state_->links) one->reset();
}

std::uint16_t websocket_relay::port() const { return state_->port.number(); }
std::string websocket_relay::url() const { return "ws://127.0.0.1:" + std::to_string(port()); }

void websocket_relay::frame_with(std::function<framer()> make) { state_->make_framer = std::move(make); }

void websocket_relay::answer_next(upgrade_answer answer) { state_->answers.push_back(std::move(answer)); }

void websocket_relay::hold(bool v) {
  state_->holding = v;
  if (v) return;
  for (const auto& one : state_->links) one->pass(std::exchange(one->held, std::string()));
}

std::string websocket_relay::held() const {
  std::string all;
  for (const auto& one : state_->links) all += one->held;
  return all;
}

void websocket_relay::say(std::string_view bytes) {
  for (const auto& one : state_->links) one->write(bytes);
}

void websocket_relay::spoil(std::string_view bytes, std::optional<cut_with> then) {
  for (const auto& one : state_->links) {
    one->spoilt = true;
    one->write(bytes);
    if (then) one->end(*then);
  }
}

void websocket_relay::end_when_asked(bool v) { state_->ends_when_asked = v; }

const std::vector<std::string>& websocket_relay::requests() const { return state_->requests; }
const std::vector<std::string>& websocket_relay::pongs() const { return state_->pongs; }
const std::vector<std::string>& websocket_relay::closes() const { return state_->closes; }
std::size_t websocket_relay::messages() const { return state_->messages; }
const std::vector<std::string>& websocket_relay::malformed() const { return state_->malformed; }

}  // namespace kvco::test
