// The ranges of a client's settings, checked before connect() does anything.
#include <kvco/core/check_config.hpp>

#include <absl/strings/ascii.h>
#include <algorithm>
#include <chrono>
#include <kvco/core/credentials_file.hpp>
#include <kvco/core/nkey.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <string_view>
#include <utility>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;
using detail::concat;
using detail::refusal;

// Longest domain and inbox prefix: jetstream::max_key_size counts on it.
constexpr std::size_t max_name = 128;

// The longest field of a WebSocket's request that HTTP servers commonly accept.
constexpr std::size_t max_field = 8192;

bool is_control(char c) noexcept { return (c >= 0 && c < 0x20) || c == 0x7f; }
bool has_control(std::string_view text) { return std::any_of(text.begin(), text.end(), is_control); }

// Without characters that end a subject, or match others.
bool is_plain_subject(std::string_view text) {
  if (text.empty() || text.size() > max_name || has_control(text)) return false;
  if (text.find_first_of(" *>") != text.npos) return false;
  return text.front() != '.' && text.back() != '.' && text.find("..") == text.npos;
}

refusal refuse(std::string_view setting, std::string_view must) {
  return {client_error::setting_out_of_range, concat(setting, " must ", must)};
}

refusal refuse(std::string_view setting, std::string_view must, std::int64_t value,
               std::string_view unit = "") {
  return refuse(setting, concat(must, ", not ", std::to_string(value), unit));
}

refusal check_times(const config& settings) {
  struct row {
    std::string_view name;
    duration value, min;
    std::string_view must;
  };
  const auto& again = settings.reconnect();
  const row rows[] = {
      {"timeout", settings.timeout(), 1ns, "be more than 0"},
      {"connect_timeout", settings.connect_timeout(), 1ns, "be more than 0"},
      {"ping_interval", settings.ping_interval(), 10ms, "be at least 10 ms"},
      {"reconnect.retry_refused_credentials", again.retry_refused_credentials(), 0ns, "not be negative"},
      {"reconnect.initial_delay", again.initial_delay(), 1ns, "be more than 0"},
      {"reconnect.max_delay", again.max_delay(), again.initial_delay(), "be at least initial_delay"},
  };
  for (const row& r : rows) {
    if (r.value < r.min) return refuse(r.name, r.must, r.value.count(), " ns");
  }
  return {};
}

refusal check_texts(const config& settings) {
  struct row {
    std::string_view name, value;
  };
  const row rows[] = {{"name", settings.name()},
                      {"user", settings.user()},
                      {"password", settings.password()},
                      {"token", settings.token()},
                      {"nkey_seed_file", settings.nkey_seed_file()},
                      {"credentials_file", settings.credentials_file()},
                      {"tls.ca_file", settings.tls().ca_file()},
                      {"tls.certificate_files' certificate", settings.tls().certificate_file()},
                      {"tls.certificate_files' key", settings.tls().key_file()},
                      {"tls.server_name", settings.tls().server_name()}};
  for (const row& r : rows) {
    if (has_control(r.value)) return refuse(r.name, "not contain control characters");
  }
  return {};
}

// RFC 9110, 5.6.2
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

refusal check_websocket_headers(const config& settings) {
  for (const auto& [field, value] : settings.websocket().headers()) {
    if (!is_token(field)) {
      return refuse("websocket.header's field", concat("be a token of HTTP, not ", detail::printable(field)));
    }
    if (has_control(value)) {
      return refuse(concat("websocket.header ", field), "not contain control characters");
    }
    if (field.size() + value.size() > max_field) {
      return refuse(concat("websocket.header ", detail::printable(field.substr(0, max_name))),
                    "have at most 8192 bytes");
    }
  }
  return {};
}

// A server looks at one kind and refuses the connection if that is the wrong one: which one is meant must be clear.
refusal check_one_kind(const config& settings) {
  struct row {
    std::string_view name;
    bool set;
  };
  const row rows[] = {{"user", !settings.user().empty()},
                      {"token", !settings.token().empty()},
                      {"nkey_seed_file", !settings.nkey_seed_file().empty()},
                      {"nkey_seed", !settings.nkey_seed().empty()},
                      {"credentials_file", !settings.credentials_file().empty()},
                      {"jwt", !settings.jwt().empty() || !settings.jwt_seed().empty()},
                      {"credentials", settings.credentials_source() != nullptr}};
  const row* first = nullptr;
  for (const row& r : rows) {
    if (!r.set) continue;
    if (first != nullptr) {
      return {client_error::options_conflict,
              concat(first->name, " and ", r.name, " are both set: one kind of credentials may be")};
    }
    first = &r;
  }
  return {};
}

refusal check_seed(std::string_view setting, std::string_view seed) {
  if (seed.empty()) return {};
  refusal wrong = decode_nkey(seed).refused;
  if (wrong) wrong.detail = concat(setting, ": ", wrong.detail);
  return wrong;
}

refusal check_keys(const config& settings) {
  if (refusal wrong = check_seed("nkey_seed", settings.nkey_seed())) return wrong;
  if (refusal wrong = check_seed("jwt", settings.jwt_seed())) return wrong;
  const bool has_jwt = !settings.jwt().empty() || !settings.jwt_seed().empty();
  if (has_jwt && !is_jwt(settings.jwt())) {
    return {client_error::credentials_malformed, "jwt must be three parts of base64url with dots between"};
  }
  return {};
}

// Authorities, and a certificate with its key, come from one place each; a context has its own.
refusal check_tls(const config::tls_settings& tls) {
  if (tls.certificate_file().empty() != tls.key_file().empty()) {
    return refuse("tls.certificate_files", "have both a certificate and a key");
  }
  if (tls.certificate_pem().empty() != tls.key_pem().empty()) {
    return refuse("tls.certificate_pem", "have both a certificate and a key");
  }
  struct row {
    std::string_view name;
    bool set;
  };
  const row ca_file{"tls.ca_file", !tls.ca_file().empty()}, ca_pem{"tls.ca_pem", !tls.ca_pem().empty()},
      files{"tls.certificate_files", !tls.certificate_file().empty()},
      pem{"tls.certificate_pem", !tls.certificate_pem().empty()},
      context{"tls.context", tls.context() != nullptr};
  const std::pair<row, row> rivals[] = {{ca_file, ca_pem}, {files, pem},     {context, ca_file},
                                        {context, ca_pem}, {context, files}, {context, pem}};
  for (const auto& [one, other] : rivals) {
    if (one.set && other.set) {
      return {client_error::options_conflict, concat(one.name, " and ", other.name, " are both set")};
    }
  }
  return {};
}

refusal check_subjects(const config& settings) {
  if (!is_plain_subject(settings.inbox_prefix())) {
    return refuse("inbox_prefix", concat("be a subject without wildcards of at most 128 bytes, not ",
                                         detail::printable(settings.inbox_prefix())));
  }
  const std::string& domain = settings.domain();
  if (!domain.empty() && (!is_plain_subject(domain) || domain.find('.') != domain.npos)) {
    return refuse("domain",
                  concat("be one token of a subject of at most 128 bytes, not ", detail::printable(domain)));
  }
  std::string_view prefix = settings.api_prefix();
  if (!prefix.empty() && !domain.empty()) {
    return {client_error::options_conflict, "domain and api_prefix are both set"};
  }
  if (prefix.ends_with('.')) prefix.remove_suffix(1);
  if (!settings.api_prefix().empty() && !is_plain_subject(prefix)) {
    return refuse("api_prefix", concat("be a subject without wildcards of at most 128 bytes, not ",
                                       detail::printable(settings.api_prefix())));
  }
  return {};
}

}  // namespace

refusal check_config(const config& settings) {
  if (refusal times = check_times(settings)) return times;
  if (refusal texts = check_texts(settings)) return texts;
  if (refusal headers = check_websocket_headers(settings)) return headers;
  if (refusal kinds = check_one_kind(settings)) return kinds;
  if (refusal keys = check_keys(settings)) return keys;
  if (refusal tls = check_tls(settings.tls())) return tls;
  if (refusal subjects = check_subjects(settings)) return subjects;
  if (settings.max_pings_outstanding() < 1) {
    return refuse("max_pings_outstanding", "be at least 1", settings.max_pings_outstanding());
  }
  if (settings.max_payload() < 1u << 20) {
    return refuse("max_payload", "be at least 1048576", static_cast<std::int64_t>(settings.max_payload()),
                  " bytes");
  }
  if (settings.write_buffer() < 4096) {
    return refuse("write_buffer", "be at least 4096", static_cast<std::int64_t>(settings.write_buffer()),
                  " bytes");
  }
  return {};
}

}  // namespace kvco::core
