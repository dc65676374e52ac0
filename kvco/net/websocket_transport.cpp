// NATS over WebSocket: binary messages that cut the protocol anywhere.
#include <kvco/net/websocket_transport.hpp>

#include <algorithm>
#include <kvco/net/byte_channel.hpp>
#include <kvco/net/tls_context.hpp>
#include <kvco/net/websocket_engine.hpp>
#include <optional>
#include <utility>

namespace kvco::net {
namespace {

using tcp = asio::ip::tcp;

class socket_websocket_transport final : public websocket_transport, private part_encoder {
 public:
  socket_websocket_transport(tcp::socket socket, std::shared_ptr<ssl_ctx_st> context)
      : channel_(std::move(socket)), context_(std::move(context)) {}

  asio::awaitable<step_result> open(dial_plan plan) override {
    if (context_) {
      step_result secured = co_await channel_.secure(std::move(context_), plan.tls);
      if (secured.code) co_return secured;
    }
    engine_.emplace(channel_.socket().get_executor(), plan);
    engine_->open(plan.server);
    while (!engine_->opened()) {
      error_code code = pass_on();
      if (!code) code = co_await channel_.send_all();
      if (code) {
        engine_->ended(code);
      } else {
        co_await wait_for_input();
      }
    }
    co_return *engine_->opened();
  }

  asio::awaitable<step_result> secure(tls_settings) override {
    co_return step_result(client_error::tls_not_offered,
                          "a WebSocket has TLS from its beginning (wss), or not at all");
  }
  bool secured() const noexcept override { return channel_.secured(); }

  asio::awaitable<io_result> read_some(std::span<char> room) override {
    for (bool waited = false;; waited = true) {
      const std::size_t before = channel_.unsent();
      const io_result got = decode(room);
      if (got.code != asio::error::would_block) {
        if (!waited) co_await channel_.turn();
        co_return got;
      }
      if (channel_.unsent() > before || !co_await wait_for_input()) co_return io_result();
    }
  }
  std::size_t try_read(std::span<char> room) override {
    while (true) {
      const io_result got = decode(room);
      if (got.code != asio::error::would_block) return got.size;
      const std::size_t size = channel_.try_read(engine_->input_room());
      if (size == 0) return 0;
      engine_->came(size);
    }
  }

  write_result try_write(const std::vector<std::string_view>& pieces) override {
    return channel_.try_write(pieces, max_part(), *this);
  }
  asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) override {
    return channel_.write(&pieces, max_part(), this);
  }
  bool owes() const noexcept override { return channel_.unsent() > 0; }

  asio::awaitable<void> finish() override {
    engine_->finish();
    if (!pass_on()) co_await channel_.send_all();
  }
  void close() noexcept override { channel_.close(); }

 private:
  // False: nothing came, but TLS has to answer.
  asio::awaitable<bool> wait_for_input() {
    const io_result got = co_await channel_.read_some(engine_->input_room());
    got.code ? engine_->ended(got.code) : engine_->came(got.size);
    co_return got.code || got.size > 0;
  }

  // A message read may require an answer (ping, close): it is written after the data being sent.
  io_result decode(std::span<char> room) {
    const io_result got = engine_->read(room);
    pass_on();  // an answer that it could not keep fails the next write
    if (got.code && got.code != asio::error::would_block) channel_.send();  // as far as it goes
    return got;
  }

  error_code pass_on() {
    std::string& frames = engine_->output();
    if (frames.empty()) return {};
    const error_code code = channel_.put(frames);
    frames.clear();
    return code;
  }

  std::size_t max_part() const noexcept { return std::min(byte_channel::max_part, engine_->max_message()); }
  error_code encode(const std::vector<std::string_view>& part) override {
    const error_code code = engine_->write(part);
    return code ? code : pass_on();
  }

  byte_channel channel_;
  std::shared_ptr<ssl_ctx_st> context_;  // until TLS begins
  std::optional<websocket_engine> engine_;
};

}  // namespace

std::unique_ptr<websocket_transport> make_websocket_transport(tcp::socket socket,
                                                              std::shared_ptr<ssl_ctx_st> context) {
  return std::make_unique<socket_websocket_transport>(std::move(socket), std::move(context));
}

}  // namespace kvco::net
