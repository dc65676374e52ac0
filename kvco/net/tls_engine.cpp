// TLS without I/O. See the header.
#include <kvco/net/tls_engine.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/system/system_error.hpp>
#include <cstring>
#include <exception>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace kvco::net {
namespace {

error_code last_error() {
  return error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
}

}  // namespace

struct tls_engine::input_output {
  static tls_engine& of(BIO* bio) noexcept { return *static_cast<tls_engine*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, std::size_t room, std::size_t* size) noexcept {
    BIO_clear_retry_flags(bio);
    std::string_view& input = of(bio).input_;
    if (input.empty()) {
      BIO_set_retry_read(bio);
      return 0;
    }
    *size = input.copy(to, room);
    input.remove_prefix(*size);
    return 1;
  }

  static int write(BIO* bio, const char* bytes, std::size_t count, std::size_t* size) noexcept {
    BIO_clear_retry_flags(bio);
    try {
      of(bio).output_.append(bytes, count);
    } catch (const std::exception&) {  // no memory: it may not pass through C
      return 0;
    }
    *size = count;
    return 1;
  }

  static long control(BIO*, int what, long, void*) noexcept { return what == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      BIO_METHOD* const one = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "kvco");
      if (one == nullptr || BIO_meth_set_read_ex(one, &read) != 1 ||
          BIO_meth_set_write_ex(one, &write) != 1 || BIO_meth_set_ctrl(one, &control) != 1) {
        throw boost::system::system_error(last_error());
      }
      return one;
    }();
    return made;
  }
};

void tls_engine::release::operator()(ssl_st* connection) const noexcept { SSL_free(connection); }

tls_engine::tls_engine(ssl_ctx_st* context, std::string& output)
    : output_(output), connection_(SSL_new(context)) {
  // No peer has a reason for it, and a write could not go on before a read.
  if (connection_) SSL_set_options(connection_.get(), SSL_OP_NO_RENEGOTIATION);
  // The output takes everything: write() counts on that, whatever the context is set to.
  if (connection_) SSL_clear_mode(connection_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE);
  BIO* const bio = connection_ ? BIO_new(input_output::method()) : nullptr;
  if (bio == nullptr) throw boost::system::system_error(last_error());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_.get(), bio, bio);
  SSL_set_connect_state(connection_.get());
}

tls_engine::~tls_engine() = default;

error_code tls_engine::reason(int result) const {
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    case SSL_ERROR_SSL:
      return last_error();
    default:
      return asio::ssl::error::unexpected_result;
  }
}

error_code tls_engine::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_.get());
  return result == 1 ? error_code() : reason(result);
}

// A record is small where the server writes small pieces: the room takes many.
io_result tls_engine::read(std::span<char> room) {
  std::size_t size = 0;
  while (size < room.size() && !failure_) {
    ERR_clear_error();
    std::size_t some = 0;
    const int result = SSL_read_ex(connection_.get(), room.data() + size, room.size() - size, &some);
    size += some;
    if (result == 1) continue;
    const error_code code = reason(result);
    if (code == asio::error::would_block) break;
    failure_ = code;
  }
  if (size > 0) return {error_code(), size};
  return {failure_ ? failure_ : error_code(asio::error::would_block), 0};
}

error_code tls_engine::write(std::string_view text) {
  if (text.empty()) return {};
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_write_ex(connection_.get(), text.data(), text.size(), &size);
  return result == 1 ? error_code() : reason(result);
}

void tls_engine::finish() {
  ERR_clear_error();
  SSL_shutdown(connection_.get());
}

}  // namespace kvco::net
