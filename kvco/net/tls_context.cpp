// OpenSSL's side of a connection: contexts from files, the name to be certified, and why a handshake failed.
#include <kvco/net/tls_context.hpp>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
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

using config_tls = config::tls_settings;

/// Where a PEM comes from: a file, or a text of a setting.
struct pem_source {
  std::string_view what;     // of a file
  const std::string& file;   // empty: it is a text
  std::string_view setting;  // of a text
  std::string_view text;
};

step_result unusable(const pem_source& source, const error_code& why) {
  return {client_error::tls_failed,
          source.file.empty()
              ? detail::concat(source.setting, ": ", why.message())
              : detail::concat(source.what, " ", detail::printable(source.file), ": ", why.message())};
}

// The PEM goes to `use`. OpenSSL would open a file itself in a way that a program started meanwhile inherits.
template <class Use>
step_result load_pem(const pem_source& source, Use use) {
  error_code code;
  if (source.file.empty()) {
    use(asio::buffer(source.text), code);
  } else {
    const detail::read_text read = detail::read_file(source.file);
    if (read.refused) {
      return {client_error::tls_failed, detail::concat(source.what, " ", read.refused.detail)};
    }
    use(asio::buffer(read.text.view()), code);
  }
  return code ? unusable(source, code) : step_result();
}

step_result load_authorities(asio::ssl::context& to, const config_tls& settings) {
  if (settings.ca_file().empty() && settings.ca_pem().empty()) {
    error_code code;
    to.set_default_verify_paths(code);
    if (!code) return {};
    return {client_error::tls_failed, "the system's certificate authorities: " + code.message()};
  }
  const pem_source source{"certificate authorities", settings.ca_file(), "tls.ca_pem", settings.ca_pem()};
  return load_pem(source, [&](const asio::const_buffer& pem, error_code& failed) {
    to.add_certificate_authority(pem, failed);
  });
}

step_result load_certificate(asio::ssl::context& to, const config_tls& settings) {
  if (settings.certificate_file().empty() && settings.certificate_pem().empty()) return {};
  const pem_source chain{"certificate", settings.certificate_file(), "the certificate of tls.certificate_pem",
                         settings.certificate_pem()};
  step_result own = load_pem(chain, [&](const asio::const_buffer& pem, error_code& failed) {
    to.use_certificate_chain(pem, failed);
  });
  if (own.code) return own;
  const pem_source key{"private key", settings.key_file(), "the key of tls.certificate_pem",
                       settings.key_pem()};
  // OpenSSL would ask the terminal for the password of an encrypted key, and wait.
  error_code code;
  to.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); },
                           code);
  if (code) return unusable(key, code);
  return load_pem(key, [&](const asio::const_buffer& pem, error_code& failed) {
    to.use_private_key(pem, asio::ssl::context::pem, failed);
  });
}

step_result load(asio::ssl::context& to, const config_tls& settings) {
  error_code code;
  to.set_verify_mode(settings.verify() ? asio::ssl::verify_peer : asio::ssl::verify_none, code);
  if (code) return {client_error::tls_failed, "the verification of certificates: " + code.message()};
  if (SSL_CTX_set_min_proto_version(to.native_handle(), TLS1_2_VERSION) != 1) {
    return {client_error::tls_failed, "OpenSSL has no TLS 1.2"};
  }
  step_result loaded = load_authorities(to, settings);
  return loaded.code ? loaded : load_certificate(to, settings);
}

}  // namespace

tls_context make_tls_context(const tls_settings& settings) {
  tls_context made;
  made.value = settings.client.context();
  if (made.value) return made;
  const auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  made.value = std::shared_ptr<ssl_ctx_st>(context, context->native_handle());
  made.problem = load(*context, settings.client);
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

// Of which one the certificate has to be.
names accepted_names(const tls_settings& settings) {
  names accepted{settings.name};
  if (!settings.other_name.empty() && settings.other_name != settings.name) {
    accepted.insert(accepted.begin(), settings.other_name);
  }
  return accepted;
}

step_result refused_certificate(const std::string& name, long why) {
  return {client_error::tls_failed,
          detail::concat("TLS with ", detail::printable(name),
                         ": its certificate is refused: ", X509_verify_cert_error_string(why))};
}

// Callbacks of a context can accept any certificate, so its name is compared after they were asked.
step_result check_name(const ssl_st* connection, const tls_settings& settings) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(connection),
                                                                &X509_free);
  const names accepted = accepted_names(settings);
  const bool certified =
      certificate && std::any_of(accepted.begin(), accepted.end(), [&](const std::string& name) {
        return is_certified(certificate.get(), name);
      });
  return certified ? step_result() : refused_certificate(settings.name, X509_V_ERR_HOSTNAME_MISMATCH);
}

}  // namespace

step_result expect_certificate(ssl_st* connection, const tls_settings& settings) {
  const auto unusable_name = [](const std::string& name) {
    return step_result(client_error::tls_failed, detail::concat("no certificate can be checked for the name ",
                                                                detail::printable(name)));
  };
  names accepted = accepted_names(settings);
  for (const std::string& name : accepted) {
    if (!is_checkable(name)) return unusable_name(name);
  }
  const auto host = std::find_if_not(accepted.begin(), accepted.end(), is_address);
  // The expansion of SSL_set_tlsext_host_name(), without its C cast.
  if (host != accepted.end() && SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                         const_cast<char*>(host->c_str())) != 1) {
    return unusable_name(*host);
  }
  if (!settings.client.verify()) return {};
  if (settings.client.context()) {  // handshake_result() compares the name
    SSL_set_verify(connection, SSL_VERIFY_PEER, SSL_get_verify_callback(connection));
    return {};
  }
  const bool set = accepted.size() == 1 ? expect_one(connection, settings.name)
                                        : expect_any(connection, std::move(accepted));
  return set ? step_result() : unusable_name(settings.name);
}

step_result handshake_result(const ssl_st* connection, const error_code& code, const tls_settings& settings) {
  if (!code) {
    const bool to_check = settings.client.context() && settings.client.verify();
    return to_check ? check_name(connection, settings) : step_result();
  }
  const long why = SSL_get_verify_result(connection);
  if (why != X509_V_OK) return refused_certificate(settings.name, why);
  return {client_error::tls_failed,
          detail::concat("TLS with ", detail::printable(settings.name), ": ", code.message())};
}

}  // namespace kvco::net
