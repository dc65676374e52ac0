// CONNECT's JSON: the client's identity and its credentials, read and signed again for each connection.
#include <kvco/net/connect_message.hpp>

#include <kvco/auth/credentials.hpp>
#include <kvco/core/credentials_file.hpp>
#include <kvco/detail/read_file.hpp>
#include <kvco/wire/info.hpp>

namespace kvco::net {
namespace {

core::parsed_credentials read_pair(std::string_view jwt, std::string_view seed) {
  core::parsed_credentials read;
  read.value.jwt = detail::secret(jwt);
  if (!seed.empty()) {
    auto decoded = core::decode_nkey(seed);
    read.value.key = std::move(decoded.key);
    read.refused = std::move(decoded.refused);
  }
  return read;
}

// Read from the source that the settings name; no copy stays behind.
core::parsed_credentials read_credentials(const config& settings) {
  const bool creds = !settings.credentials_file().empty();
  const std::string& path = creds ? settings.credentials_file() : settings.nkey_seed_file();
  core::parsed_credentials read;
  if (!path.empty()) {
    const detail::read_text file = detail::read_file(path);
    if (file.refused) {
      read.refused = file.refused;
      return read;
    }
    read = creds ? core::parse_credentials_file(file.text.view()) : core::parse_seed_file(file.text.view());
    if (read.refused) read.refused.detail = path + ": " + read.refused.detail;
    return read;
  }
  return read_pair(settings.jwt(), settings.jwt().empty() ? settings.nkey_seed() : settings.jwt_seed());
}

core::parsed_credentials read_credentials(const credentials& given) {
  const auto& parts = given.parts();
  core::parsed_credentials read = parts.creds.empty() ? read_pair(parts.jwt.view(), parts.seed.view())
                                                      : core::parse_credentials_file(parts.creds.view());
  if (read.refused) read.refused.detail = "what credentials() gave: " + read.refused.detail;
  return read;
}

bool has_credentials(const core::server_url& server) { return !server.user.empty() || !server.token.empty(); }

}  // namespace

core::credentials_kind kind_of_credentials(const config& settings, const core::server_url& server) {
  if (has_credentials(server)) return core::credentials_kind::of_server;
  const bool renewable = settings.credentials_source() != nullptr || !settings.credentials_file().empty() ||
                         !settings.nkey_seed_file().empty() || !settings.tls().certificate_file().empty();
  return renewable ? core::credentials_kind::renewable : core::credentials_kind::fixed;
}

connect_message make_connect_message(const config& settings, const core::server_url& server,
                                     const server_info& info, const credentials* given) {
  wire::connect_fields fields;
  fields.name = settings.name();
  if (has_credentials(server)) {
    fields.user = server.user;
    fields.password = server.password;
    fields.token = server.token;
    return {wire::connect_json(fields), {}};
  }
  fields.user = given ? given->parts().user.view() : settings.user();
  fields.password = given ? given->parts().password.view() : settings.password();
  fields.token = given ? given->parts().token.view() : settings.token();
  const core::parsed_credentials read = given ? read_credentials(*given) : read_credentials(settings);
  if (read.refused) return {{}, read.refused};
  std::string signature;
  if (read.value.key) {
    signature = read.value.key.sign(info.nonce);
    if (signature.empty())
      return {{}, {client_error::credentials_malformed, "the nonce could not be signed"}};
    fields.sig = signature;
    if (read.value.jwt.empty()) fields.nkey = read.value.key.public_key();
  }
  fields.jwt = read.value.jwt.view();  // a bearer's has no signature
  return {wire::connect_json(fields), {}};
}

}  // namespace kvco::net
