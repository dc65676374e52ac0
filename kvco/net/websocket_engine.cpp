// A WebSocket without I/O, by Beast. See the header.
#include <kvco/net/websocket_engine.hpp>

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstring>
#include <kvco/detail/concat.hpp>
#include <kvco/net/inner_queue.hpp>
#include <limits>
#include <utility>

namespace kvco::net {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

// A message that is larger than max_payload before its compression is refused by nats-server 2.15.
constexpr std::size_t max_compressed_message = 64 * 1024;
constexpr std::size_t buffer_size = 64 * 1024;

/// The stream that Beast treats as a connection: a buffer of bytes received and one of bytes to be written. A
/// read waits for bytes; a write never waits.
class memory_stream {
 public:
  using executor_type = inner_queue::executor;

  explicit memory_stream(executor_type executor)
      : executor_(executor), room_(std::make_unique<char[]>(buffer_size)) {}

  executor_type get_executor() const noexcept { return executor_; }

  std::span<char> room() noexcept {
    if (input_.empty()) input_ = {room_.get(), 0};
    std::memmove(room_.get(), input_.data(), input_.size());
    input_ = {room_.get(), input_.size()};
    return {room_.get() + input_.size(), buffer_size - input_.size()};
  }
  void came(std::size_t size) {
    input_ = {input_.data(), input_.size() + size};
    serve();
  }
  void ended(error_code why) {
    end_ = why;
    serve();
  }
  std::string& output() noexcept { return output_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& to) {
          const auto first = std::find_if(asio::buffer_sequence_begin(to), asio::buffer_sequence_end(to),
                                          [](const asio::mutable_buffer& one) { return one.size() > 0; });
          wanted_ = first == asio::buffer_sequence_end(to) ? asio::mutable_buffer() : *first;
          reader_ = std::make_unique<reader_of<decltype(handler)>>(std::move(handler), executor_);
          serve();
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          post(std::move(handler), executor_, error_code(), append(from));
        },
        token, buffers);
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& code) {
    code = {};
    return append(buffers);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    return append(buffers);
  }
  // No operation waits here: it is only required by Beast's type.
  template <class Buffers>
  std::size_t read_some(const Buffers&, error_code& code) {
    code = asio::error::would_block;
    return 0;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers&) {
    throw boost::system::system_error(asio::error::would_block);
  }

  // After the last frame no operation waits for the peer to end the connection; the transport ends it.
  friend void beast_close_socket(memory_stream&) {}
  template <class Handler>
  friend void async_teardown(beast::role_type, memory_stream& stream, Handler&& handler) {
    asio::post(stream.executor_, beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
  }

 private:
  struct reader {
    virtual ~reader() = default;
    virtual void post(error_code code, std::size_t size) = 0;
  };
  template <class Handler>
  struct reader_of final : reader {
    reader_of(Handler&& what, const executor_type& by) : handler(std::move(what)), executor(by) {}
    void post(error_code code, std::size_t size) override {
      memory_stream::post(std::move(handler), executor, code, size);
    }
    Handler handler;
    executor_type executor;
  };

  template <class Handler>
  static void post(Handler&& handler, const executor_type& executor, error_code code, std::size_t size) {
    asio::post(executor, beast::bind_handler(std::forward<Handler>(handler), code, size));
  }
  void serve() {
    if (!reader_ || (input_.empty() && !end_)) return;
    const std::size_t size = asio::buffer_copy(wanted_, asio::buffer(input_));
    input_.remove_prefix(size);
    std::exchange(reader_, nullptr)->post(size > 0 ? error_code() : end_, size);
  }
  template <class Buffers>
  std::size_t append(const Buffers& buffers) {
    const std::size_t before = output_.size();
    for (auto one = asio::buffer_sequence_begin(buffers); one != asio::buffer_sequence_end(buffers); ++one) {
      const asio::const_buffer piece(*one);
      output_.append(static_cast<const char*>(piece.data()), piece.size());
    }
    return output_.size() - before;
  }

  executor_type executor_;
  std::unique_ptr<char[]> room_;
  std::string_view input_;  // of it, not read yet
  error_code end_;
  std::string output_;
  asio::mutable_buffer wanted_;
  std::unique_ptr<reader> reader_;
};

std::string host_field(const core::server_url& server) {
  const bool v6 = server.host.find(':') != std::string::npos;
  return detail::concat(v6 ? "[" : "", server.host, v6 ? "]" : "", ":", std::to_string(server.port));
}

}  // namespace

struct websocket_engine::state {
  state(asio::execution_context& context, const dial_plan& plan)
      : stream(inner_queue::executor(queue, context)), text(std::make_unique<char[]>(buffer_size)) {
    stream.binary(true);
    stream.auto_fragment(false);
    stream.write_buffer_bytes(buffer_size);
    stream.read_message_max(0);  // the parser has the limits of the protocol
    websocket::permessage_deflate compression;
    compression.client_enable = plan.websocket_compression;
    if (plan.websocket_compression) max_message = max_compressed_message;
    // The server refuses to keep a dictionary from message to message.
    compression.client_no_context_takeover = compression.server_no_context_takeover = true;
    stream.set_option(compression);
    stream.set_option(websocket::stream_base::decorator(
        [fields = plan.websocket_headers](websocket::request_type& request) {
          for (const auto& [name, value] : fields) request.insert(name, value);
        }));
  }

  void on_opened(error_code code) {
    if (!code) {
      opened.emplace();
      return;
    }
    const bool declined = code == websocket::error::upgrade_declined;
    opened.emplace(client_error::connect_failed,
                   declined ? detail::concat("WebSocket: the server answered ",
                                             std::to_string(response.result_int()), ", not 101")
                            : "WebSocket: " + code.message());
  }
  void begin_read() {
    reading = true;
    stream.async_read_some(asio::buffer(text.get(), buffer_size), [this](error_code code, std::size_t size) {
      reading = false;
      unread = {text.get(), size};
      if (code == websocket::error::closed) code = asio::error::eof;
      if (!code && stream.got_text()) code = client_error::not_a_nats_server;
      end = code;
    });
  }

  inner_queue queue;
  websocket::stream<memory_stream> stream;
  websocket::response_type response;
  std::optional<step_result> opened;
  std::unique_ptr<char[]> text;
  std::string_view unread;  // of it
  std::vector<asio::const_buffer> message;
  error_code end;
  bool reading = false;
  std::size_t max_message = std::numeric_limits<std::size_t>::max();
};

websocket_engine::websocket_engine(const asio::any_io_executor& executor, const dial_plan& plan)
    : state_(std::make_unique<state>(asio::query(executor, asio::execution::context), plan)) {}
websocket_engine::~websocket_engine() = default;

void websocket_engine::open(const core::server_url& server) {
  state_->stream.async_handshake(state_->response, host_field(server), server.path,
                                 [all = state_.get()](error_code code) { all->on_opened(code); });
  state_->queue.run();
}
const std::optional<step_result>& websocket_engine::opened() const noexcept { return state_->opened; }

std::span<char> websocket_engine::input_room() noexcept { return state_->stream.next_layer().room(); }
void websocket_engine::came(std::size_t size) {
  state_->stream.next_layer().came(size);
  state_->queue.run();
}
void websocket_engine::ended(error_code why) {
  state_->stream.next_layer().ended(why);
  state_->queue.run();
}

io_result websocket_engine::read(std::span<char> room) {
  std::size_t size = 0;
  while (size < room.size()) {
    const std::size_t some = state_->unread.copy(room.data() + size, room.size() - size);
    state_->unread.remove_prefix(some);
    size += some;
    if (some > 0) continue;
    if (state_->end || state_->reading) break;
    state_->begin_read();
    state_->queue.run();
  }
  if (size > 0) return {error_code(), size};
  return {state_->end ? state_->end : error_code(asio::error::would_block), 0};
}

error_code websocket_engine::write(const std::vector<std::string_view>& pieces) {
  state_->message.clear();
  for (const std::string_view piece : pieces) state_->message.emplace_back(piece.data(), piece.size());
  error_code code;
  state_->stream.write(state_->message, code);
  return code;
}
std::size_t websocket_engine::max_message() const noexcept { return state_->max_message; }

void websocket_engine::finish() {
  state_->stream.async_close(websocket::close_code::normal, [](error_code) {});
  state_->queue.run();
}

std::string& websocket_engine::output() noexcept { return state_->stream.next_layer().output(); }

}  // namespace kvco::net
