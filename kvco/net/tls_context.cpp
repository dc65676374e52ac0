// OpenSSL's side of a connection: contexts from files, the name to be certified, and why a handshake failed.
#include <kvco/net/tls_context.hpp>

#include <boost/asio/ip/address.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>

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

step_result load(asio::ssl::context& to, const tls_settings& settings) {
  error_code code;
  to.set_verify_mode(settings.verify ? asio::ssl::verify_peer : asio::ssl::verify_none, code);
  if (code) return {client_error::tls_failed, "the verification of certificates: " + code.message()};
  if (SSL_CTX_set_min_proto_version(to.native_handle(), TLS1_2_VERSION) != 1) {
    return {client_error::tls_failed, "OpenSSL has no TLS 1.2"};
  }
  if (!settings.ca_file.empty()) {
    to.load_verify_file(settings.ca_file, code);
    if (code) return unusable("certificate authorities", settings.ca_file, code);
  } else {
    to.set_default_verify_paths(code);
    if (code) return {client_error::tls_failed, "the system's certificate authorities: " + code.message()};
  }
  if (settings.certificate_file.empty()) return {};
  to.use_certificate_chain_file(settings.certificate_file, code);
  if (code) return unusable("certificate", settings.certificate_file, code);
  // OpenSSL would ask the terminal for the password of an encrypted key, and wait.
  to.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); },
                           code);
  if (code) return unusable("private key", settings.key_file, code);
  to.use_private_key_file(settings.key_file, asio::ssl::context::pem, code);
  if (code) return unusable("private key", settings.key_file, code);
  return {};
}

}  // namespace

tls_context make_tls_context(const tls_settings& settings) {
  tls_context made;
  made.value = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  made.problem = load(*made.value, settings);
  return made;
}

step_result expect_certificate(ssl_st* connection, const tls_settings& settings) {
  const std::string& name = settings.name;
  const auto unusable_name = [&] {
    return step_result(client_error::tls_failed, detail::concat("no certificate can be checked for the name ",
                                                                detail::printable(name)));
  };
  // OpenSSL takes an empty name, and a name up to a NUL, for "any name".
  if (name.empty() || name.find('\0') != name.npos) return unusable_name();
  const bool address = is_address(name);
  // What SSL_set_tlsext_host_name() stands for, without its C cast.
  if (!address && SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                           const_cast<char*>(name.c_str())) != 1) {
    return unusable_name();
  }
  if (!settings.verify) return {};
  X509_VERIFY_PARAM* const demands = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(demands, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // The zone of an IPv6 address (RFC 4007) is a matter of this machine: no certificate has one.
  const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(demands, name.substr(0, name.find('%')).c_str())
                          : X509_VERIFY_PARAM_set1_host(demands, name.c_str(), name.size());
  return set == 1 ? step_result() : unusable_name();
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
