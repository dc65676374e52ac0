// OpenSSL's side of a connection: contexts from files, the name to be certified, and why a handshake failed.
#include <kvco/net/tls_context.hpp>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/detail/read_file.hpp>
#include <string>
#include <utility>
#include <vector>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace kvco::net {
namespace {

bool is_address(const std::string& name) {
  error_code no_address;
  asio::ip::make_address(name, no_address);
  return !no_address;
}

step_result unusable(std::string_view what, const std::string& file, const error_code& why) {
  return {client_error::tls_failed, detail::concat(what, " ", detail::printable(file), ": ", why.message())};
}

// The text of a file goes to `use`. OpenSSL would open it itself in a way that a program started meanwhile inherits.
template <class Use>
step_result load_file(std::string_view what, const std::string& file, Use use) {
  const detail::read_text text = detail::read_file(file);
  if (text.refused) return {client_error::tls_failed, detail::concat(what, " ", text.refused.detail)};
  error_code code;
  use(asio::buffer(text.text.view()), code);
  return code ? unusable(what, file, code) : step_result();
}

step_result load(asio::ssl::context& to, const tls_settings& settings) {
  error_code code;
  to.set_verify_mode(settings.verify ? asio::ssl::verify_peer : asio::ssl::verify_none, code);
  if (code) return {client_error::tls_failed, "the verification of certificates: " + code.message()};
  if (SSL_CTX_set_min_proto_version(to.native_handle(), TLS1_2_VERSION) != 1) {
    return {client_error::tls_failed, "OpenSSL has no TLS 1.2"};
  }
  // No peer has a reason for it, and a write could not go on before a read.
  SSL_CTX_set_options(to.native_handle(), SSL_OP_NO_RENEGOTIATION);
  if (!settings.ca_file.empty()) {
    step_result trusted = load_file("certificate authorities", settings.ca_file,
                                    [&](const asio::const_buffer& pem, error_code& failed) {
                                      to.add_certificate_authority(pem, failed);
                                    });
    if (trusted.code) return trusted;
  } else {
    to.set_default_verify_paths(code);
    if (code) return {client_error::tls_failed, "the system's certificate authorities: " + code.message()};
  }
  if (settings.certificate_file.empty()) return {};
  step_result own = load_file(
      "certificate", settings.certificate_file,
      [&](const asio::const_buffer& pem, error_code& failed) { to.use_certificate_chain(pem, failed); });
  if (own.code) return own;
  // OpenSSL would ask the terminal for the password of an encrypted key, and wait.
  to.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); },
                           code);
  if (code) return unusable("private key", settings.key_file, code);
  return load_file("private key", settings.key_file, [&](const asio::const_buffer& pem, error_code& failed) {
    to.use_private_key(pem, asio::ssl::context::pem, failed);
  });
}

}  // namespace

tls_context make_tls_context(const tls_settings& settings) {
  tls_context made;
  made.value = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  made.problem = load(*made.value, settings);
  return made;
}

namespace {

// OpenSSL takes an empty name, and a name up to a NUL, for "any name".
bool is_checkable(const std::string& name) { return !name.empty() && name.find('\0') == name.npos; }

// The zone of an IPv6 address (RFC 4007) is a matter of this machine: no certificate has one.
std::string without_zone(const std::string& address) { return address.substr(0, address.find('%')); }

constexpr unsigned host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

bool is_certified(X509* certificate, const std::string& name) {
  if (is_address(name)) return X509_check_ip_asc(certificate, without_zone(name).c_str(), 0) == 1;
  return X509_check_host(certificate, name.c_str(), name.size(), host_flags, nullptr) == 1;
}

using names = std::vector<std::string>;

void forget_names(void*, void* value, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<names*>(value);
}

// Where a connection keeps the names of which one is to be certified.
int names_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &forget_names);
  return index;
}

// OpenSSL compares with a name and an address only so that both must be right.
int accept_any_name(int in_order, X509_STORE_CTX* chain) {
  if (in_order != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return in_order;
  const auto* connection =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* accepted = static_cast<const names*>(SSL_get_ex_data(connection, names_index()));
  X509* const certificate = X509_STORE_CTX_get_current_cert(chain);
  if (accepted != nullptr && certificate != nullptr) {
    for (const std::string& name : *accepted) {
      if (is_certified(certificate, name)) return 1;
    }
  }
  X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

bool expect_any(SSL* connection, names accepted) {
  auto kept = std::make_unique<names>(std::move(accepted));
  if (names_index() < 0 || SSL_set_ex_data(connection, names_index(), kept.get()) != 1) return false;
  static_cast<void>(kept.release());  // the connection's now
  SSL_set_verify(connection, SSL_VERIFY_PEER, &accept_any_name);
  return true;
}

bool expect_one(SSL* connection, const std::string& name) {
  X509_VERIFY_PARAM* const demands = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(demands, host_flags);
  return (is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(demands, without_zone(name).c_str())
                           : X509_VERIFY_PARAM_set1_host(demands, name.c_str(), name.size())) == 1;
}

}  // namespace

step_result expect_certificate(ssl_st* connection, const tls_settings& settings) {
  const auto unusable_name = [](const std::string& name) {
    return step_result(client_error::tls_failed, detail::concat("no certificate can be checked for the name ",
                                                                detail::printable(name)));
  };
  names accepted{settings.name};
  if (!settings.other_name.empty() && settings.other_name != settings.name) {
    accepted.insert(accepted.begin(), settings.other_name);
  }
  for (const std::string& name : accepted) {
    if (!is_checkable(name)) return unusable_name(name);
  }
  const auto host = std::find_if_not(accepted.begin(), accepted.end(), is_address);
  // What SSL_set_tlsext_host_name() stands for, without its C cast.
  if (host != accepted.end() && SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                         const_cast<char*>(host->c_str())) != 1) {
    return unusable_name(*host);
  }
  if (!settings.verify) return {};
  const bool set = accepted.size() == 1 ? expect_one(connection, settings.name)
                                        : expect_any(connection, std::move(accepted));
  return set ? step_result() : unusable_name(settings.name);
}

step_result handshake_result(const ssl_st* connection, const error_code& code, const std::string& name) {
  if (!code) return {};
  const long refused = SSL_get_verify_result(connection);
  const std::string why = refused == X509_V_OK ? code.message()
                                               : detail::concat("its certificate is refused: ",
                                                                X509_verify_cert_error_string(refused));
  return {client_error::tls_failed, detail::concat("TLS with ", detail::printable(name), ": ", why)};
}

}  // namespace kvco::net
