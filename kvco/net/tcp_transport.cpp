// A TCP connection, plain or with TLS from its beginning or from its INFO on.
#include <kvco/net/tcp_transport.hpp>

#include <boost/asio/write.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/byte_channel.hpp>
#include <kvco/net/tls_context.hpp>

namespace kvco::net {
namespace {

using tcp = asio::ip::tcp;
constexpr std::size_t max_buffers = 64;  // of one system call, in Asio

class tcp_transport final : public transport, private part_encoder {
 public:
  explicit tcp_transport(tcp::socket socket) : channel_(std::move(socket)) {}

  asio::awaitable<step_result> secure(tls_settings settings) override {
    tls_context made = make_tls_context(settings);
    if (made.problem.code) co_return std::move(made.problem);
    co_return co_await channel_.secure(std::move(made.value), std::move(settings));
  }
  bool secured() const noexcept override { return channel_.secured(); }

  asio::awaitable<io_result> read_some(std::span<char> room) override { return channel_.read_some(room); }
  std::size_t try_read(std::span<char> room) override { return secured() ? channel_.try_read(room) : 0; }

  write_result try_write(const std::vector<std::string_view>& pieces) override {
    if (secured()) return channel_.try_write(pieces, byte_channel::max_part, *this);
    write_result result;
    result.whole = true;
    for (std::size_t next = 0; next < pieces.size() && result.whole;) {
      std::size_t wanted = 0;
      buffers_.clear();
      for (; next < pieces.size() && buffers_.size() < max_buffers; ++next) {
        buffers_.emplace_back(pieces[next].data(), pieces[next].size());
        wanted += pieces[next].size();
      }
      error_code code;
      // As a rule there is one: send() is less work than sendmsg().
      const std::size_t size = buffers_.size() == 1 ? channel_.socket().write_some(buffers_.front(), code)
                                                    : channel_.socket().write_some(buffers_, code);
      result.taken += size;
      result.whole = size == wanted;
    }
    return result;
  }

  asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) override {
    if (secured()) co_return co_await channel_.write(&pieces, byte_channel::max_part, this);
    buffers_.clear();
    for (const std::string_view piece : pieces) buffers_.emplace_back(piece.data(), piece.size());
    auto [code, size] = co_await asio::async_write(channel_.socket(), buffers_, as_tuple_deferred);
    co_return code;
  }
  bool owes() const noexcept override { return channel_.unsent() > 0; }

  asio::awaitable<void> finish() override { return channel_.finish(); }
  void close() noexcept override { channel_.close(); }

 private:
  error_code encode(const std::vector<std::string_view>& part) override { return channel_.put(part); }

  byte_channel channel_;
  std::vector<asio::const_buffer> buffers_;
};

}  // namespace

std::unique_ptr<transport> make_tcp_transport(tcp::socket socket) {
  return std::make_unique<tcp_transport>(std::move(socket));
}

}  // namespace kvco::net
