// A TCP socket, with TLS on it or not. See the header.
#include <kvco/net/byte_channel.hpp>

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/tls_context.hpp>
#include <utility>

namespace kvco::net {
namespace {

constexpr std::size_t input_size = 64 * 1024;
// Limits the unsent answers of the transport to a peer that requires them and never reads.
constexpr std::size_t max_unsent = 1u << 20;

/// Goes through pieces in parts that are encoded at a time.
class parts {
 public:
  /// @param part  for the views of one
  parts(const std::vector<std::string_view>& pieces, std::vector<std::string_view>& part)
      : pieces_(pieces), part_(part) {}
  bool done() const noexcept { return next_ == pieces_.size(); }
  std::size_t taken() const noexcept { return taken_; }
  /// The next bytes, as many as this at most. They are taken then.
  const std::vector<std::string_view>& take(std::size_t most) {
    part_.clear();
    while (most > 0 && !done()) {
      const std::string_view piece = pieces_[next_].substr(offset_, most);
      if (!piece.empty()) part_.push_back(piece);
      most -= piece.size();
      taken_ += piece.size();
      offset_ += piece.size();
      if (offset_ < pieces_[next_].size()) break;
      ++next_;
      offset_ = 0;
    }
    return part_;
  }

 private:
  const std::vector<std::string_view>& pieces_;
  std::vector<std::string_view>& part_;
  std::size_t next_ = 0, offset_ = 0, taken_ = 0;
};

}  // namespace

byte_channel::byte_channel(tcp::socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  socket_.non_blocking(true, ignored);  // for calls that do not wait
}

asio::awaitable<step_result> byte_channel::secure(std::shared_ptr<ssl_ctx_st> context,
                                                  tls_settings settings) {
  context_ = std::move(context);
  tls_.emplace(context_.get(), output_);
  input_ = std::make_unique<char[]>(input_size);
  step_result expected = expect_certificate(tls_->native_handle(), settings);
  if (expected.code) co_return expected;
  handshaking_ = true;
  const error_code code = co_await handshake();
  handshaking_ = false;
  step_result result = handshake_result(tls_->native_handle(), code, settings);
  established_ = !result.code;
  co_return result;
}

asio::awaitable<error_code> byte_channel::handshake() {
  while (true) {
    const error_code code = tls_->handshake();
    const error_code unsent = co_await send_all();  // an alert, too, where it has failed
    if (code != asio::error::would_block) co_return code;
    if (unsent) co_return unsent;
    if (end_) co_return end_ == asio::error::eof ? asio::ssl::error::stream_truncated : end_;
    auto [failed, size] =
        co_await socket_.async_read_some(asio::buffer(input_.get(), input_size), as_tuple_deferred);
    came({failed, size});
  }
}

void byte_channel::came(io_result got) noexcept {
  if (tls_) tls_->input({input_.get(), got.size});
  if (!end_) end_ = got.code;
}

// Servers close without TLS's own goodbye; the protocol above knows what is missing.
io_result byte_channel::decrypt(std::span<char> room) {
  io_result got = tls_->read(room);
  if (got.code == asio::error::would_block && end_) got.code = end_;
  return got;
}

asio::awaitable<io_result> byte_channel::read_some(std::span<char> room) {
  if (unsent() > max_unsent) end_ = asio::error::no_buffer_space;
  bool waited = false;
  while (tls_) {
    const std::size_t before = unsent();
    const io_result got = decrypt(room);
    if (got.code != asio::error::would_block) {
      if (got.code) send();  // an alert, as far as it goes
      if (!waited) co_await turn();
      co_return got;
    }
    if (unsent() > before) co_return io_result();
    auto [code, size] =
        co_await socket_.async_read_some(asio::buffer(input_.get(), input_size), as_tuple_deferred);
    came({code, size});
    waited = true;
  }
  if (end_) {
    co_await turn();
    co_return io_result{end_, 0};
  }
  auto [code, size] =
      co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), as_tuple_deferred);
  co_return io_result{code, size};
}

asio::awaitable<void> byte_channel::turn() { co_await asio::post(socket_.get_executor(), asio::deferred); }

io_result byte_channel::receive(std::span<char> room) noexcept {
  io_result got;
  got.size = socket_.read_some(asio::buffer(room.data(), room.size()), got.code);
  return got;
}

std::size_t byte_channel::try_read(std::span<char> room) {
  while (!end_ && unsent() <= max_unsent) {
    if (tls_) {
      const io_result got = decrypt(room);
      if (got.code != asio::error::would_block) return got.size;  // an error stays for read_some()
    }
    const io_result got = receive(tls_ ? std::span(input_.get(), input_size) : room);
    if (got.code == asio::error::would_block) break;
    if (!tls_ && !got.code) return got.size;
    came(got);
  }
  return 0;
}

write_result byte_channel::try_write(const std::vector<std::string_view>& pieces, std::size_t most,
                                     part_encoder& encoder) {
  parts rest(pieces, part_);
  while (send()) {
    if (rest.done()) return {rest.taken(), true};
    if (encoder.encode(rest.take(most))) break;
  }
  return {rest.taken(), false};
}

asio::awaitable<error_code> byte_channel::write(const std::vector<std::string_view>* pieces, std::size_t most,
                                                part_encoder* encoder) {
  parts rest(*pieces, part_);
  error_code code = co_await send_all();
  while (!code && !rest.done()) {
    code = encoder->encode(rest.take(most));
    if (!code) code = co_await send_all();
  }
  co_return code;
}

error_code byte_channel::put(const std::vector<std::string_view>& pieces) {
  return keep([&] { return encrypt(pieces); });
}
error_code byte_channel::put(std::string_view bytes) {
  return keep([&] { return tls_ ? tls_->write(bytes) : (output_.append(bytes), error_code()); });
}

// After bytes that were left out, later ones would be out of sequence.
template <class Append>
error_code byte_channel::keep(Append append) {
  error_code code;
  if (!has_memory_for([&] { code = append(); })) code = no_memory;
  if (code) send_failure_ = code;
  return code;
}

error_code byte_channel::encrypt(const std::vector<std::string_view>& pieces) {
  if (pieces.size() == 1) return tls_->write(pieces.front());
  error_code code;
  record_.clear();
  for (std::string_view piece : pieces) {
    while (!piece.empty() && !code) {
      const std::string_view some = piece.substr(0, tls_engine::record_size - record_.size());
      piece.remove_prefix(some.size());
      if (some.size() == tls_engine::record_size) {  // a record by itself
        code = tls_->write(some);
        continue;
      }
      record_.append(some);
      if (record_.size() < tls_engine::record_size) continue;
      code = tls_->write(record_);
      record_.clear();
    }
  }
  return code ? code : tls_->write(record_);
}

bool byte_channel::send() noexcept {
  while (sent_ < output_.size() && !send_failure_) {
    error_code code;
    sent_ += socket_.write_some(asio::buffer(output_.data() + sent_, output_.size() - sent_), code);
    if (code == asio::error::would_block) return false;
    send_failure_ = code;
  }
  if (send_failure_) return false;
  output_.clear();
  sent_ = 0;
  return true;
}

asio::awaitable<error_code> byte_channel::send_all() {
  while (!send()) {
    if (send_failure_) co_return send_failure_;
    auto [code] = co_await socket_.async_wait(tcp::socket::wait_write, as_tuple_deferred);
    if (code) co_return code;
  }
  co_return error_code();
}

asio::awaitable<void> byte_channel::finish() {
  if (established_) tls_->finish();
  co_await send_all();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void byte_channel::close() noexcept {
  end_ = send_failure_ = asio::error::operation_aborted;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace kvco::net
