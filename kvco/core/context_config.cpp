// The settings of the `nats` command line tool -> a config: what is written there is checked, expanded and
// taken over.
#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>

#include <algorithm>
#include <kvco/core/check_config.hpp>
#include <kvco/core/credentials_file.hpp>
#include <kvco/core/expand_path.hpp>
#include <kvco/core/go_duration.hpp>
#include <kvco/core/nats_context.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/detail/secret.hpp>
#include <utility>

namespace kvco::core {
namespace {

using detail::concat;
using detail::refusal;
using detail::secret;
using enum nats_setting;

refusal conflict(std::string detail) { return {client_error::options_conflict, std::move(detail)}; }

refusal out_of_range(const written_setting& s, std::string_view wrong) {
  return {client_error::setting_out_of_range, concat(s.source, " ", wrong)};
}

refusal unsupported(const written_setting& s, std::string_view what) {
  return {client_error::context_unsupported, concat(s.source, " ", what)};
}

refusal check_supported(const nats_settings& settings) {
  if (settings[socks_proxy]) return unsupported(settings[socks_proxy], "asks for a SOCKS proxy");
  if (settings[nsc])
    return unsupported(settings[nsc], "asks for the program nsc; write a .creds file instead");
  if (settings[windows_store]) return unsupported(settings[windows_store], "asks for a store of Windows");
  return {};
}

// The tool takes the first kind in this order and drops the others; which one a server refuses is hard to see
// then.
refusal check_one_kind(const nats_settings& settings) {
  const written_setting* first = nullptr;
  for (const nats_setting kind : {user, token, creds, nkey, jwt}) {
    const written_setting& s = settings[kind];
    if (!s) continue;
    if (first != nullptr) return conflict(concat(first->source, " and ", s.source, " are both set"));
    first = &s;
  }
  return {};
}

refusal check_pairs(const nats_settings& settings) {
  struct pair {
    nats_setting has, needs;
    std::string_view what;
  };
  constexpr pair pairs[] = {{password, user, "a user"},
                            {seed, jwt, "a JWT"},
                            {cert, key, "the certificate's private key"},
                            {key, cert, "the private key's certificate"}};
  for (const pair& p : pairs) {
    if (settings[p.has] && !settings[p.needs]) {
      return conflict(concat(settings[p.has].source, " is set without ", p.what));
    }
  }
  return {};
}

// The scheme of a URI in lower case; empty: there is none. One letter is a drive of Windows, not a scheme.
std::string scheme_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon < 2) return {};
  std::string scheme(text.substr(0, colon));
  for (char& c : scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const bool letter = scheme[0] >= 'a' && scheme[0] <= 'z';
  const bool good =
      letter && scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == scheme.npos;
  return good ? scheme : std::string();
}

// One value: a path, or the content that a URI stands for. The text may have been a secret, so no detail
// shows it.
struct taken_value {
  std::string path;
  secret content;
  bool is_content = false;
  refusal refused;
};

taken_value refuse(refusal why) { return {{}, {}, false, std::move(why)}; }

taken_value content(std::string_view bytes) { return {{}, secret(bytes), true, {}}; }

taken_value take_variable(const written_setting& s, const variable_lookup& variables) {
  const std::string_view name = std::string_view(s.value).substr(std::string_view("env://").size());
  const std::optional<std::string> value = name.empty() ? std::nullopt : variables(name);
  if (!value || value->empty()) return refuse(out_of_range(s, "names a variable (env://) that is not set"));
  return content(*value);
}

// data:[type];base64,<text>
taken_value take_data(const written_setting& s) {
  const std::string_view text = s.value;
  const std::size_t comma = text.find(',');
  if (comma == text.npos || text.substr(0, comma).find(";base64") == text.npos) {
    return refuse(out_of_range(s, "is a data: URI without \";base64,\""));
  }
  const std::string_view encoded = text.substr(comma + 1);
  std::string bytes;
  if (!absl::Base64Unescape(absl::string_view(encoded.data(), encoded.size()), &bytes)) {
    return refuse(out_of_range(s, "is a data: URI whose base64 is malformed"));
  }
  return content(bytes);
}

taken_value take_path(const written_setting& s, const variable_lookup& variables) {
  std::string_view path = s.value;
  if (scheme_of(path) == "file") {
    path.remove_prefix(std::string_view("file:").size());
    if (path.starts_with("//")) path.remove_prefix(2);
  }
  expanded_path expanded = expand_path(path, variables);
  if (expanded.wrong.empty() && expanded.path.empty()) expanded.wrong = "is an empty path";
  if (!expanded.wrong.empty()) return refuse(out_of_range(s, expanded.wrong));
  return {std::move(expanded.path), {}, false, {}};
}

taken_value take_file(const written_setting& s, const variable_lookup& variables) {
  const std::string scheme = scheme_of(s.value);
  if (scheme.empty() || scheme == "file") return take_path(s, variables);
  return refuse(unsupported(s, "must be the path of a file, and is a URI"));
}

// The fields that hold the tool's references to credentials, by scheme as its resolvers know them.
taken_value take_credentials(const written_setting& s, const variable_lookup& variables) {
  const std::string scheme = scheme_of(s.value);
  if (s.value.size() >= 6 && scheme == "env" && s.value.compare(3, 3, "://") == 0) {
    return take_variable(s, variables);
  }
  if (scheme == "data") return take_data(s);
  if (scheme.empty() || scheme == "file") return take_path(s, variables);
  return refuse(unsupported(s, "must be a path, file://, env:// or data:"));
}

// Password, token, JWT and seed: the value itself, unless a known scheme says where it is. A password may
// look like a URI of any other scheme.
taken_value take_literal(const written_setting& s, const variable_lookup& variables) {
  const std::string scheme = scheme_of(s.value);
  const auto is = [&](std::string_view name) {
    return scheme == name && s.value.compare(name.size(), 3, "://") == 0;
  };
  if (is("env")) return take_variable(s, variables);
  if (scheme == "data" && s.value.find(";base64,") != std::string::npos) return take_data(s);
  if (is("file") || is("op") || is("nsc"))
    return refuse(unsupported(s, "must be the value itself, env:// or data:"));
  return content(s.value);
}

std::string without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

// Takes a nats_settings over into a config, one group after the other, until one is refused.
class config_maker {
 public:
  config_maker(const nats_settings& from, const variable_lookup& variables)
      : from_(from), variables_(variables) {}

  made_config make() && {
    refused_ = check_supported(from_);
    if (!refused_) refused_ = check_one_kind(from_);
    if (!refused_) refused_ = check_pairs(from_);
    if (from_[url]) to_ = config(from_[url].value);
    take_password();
    take_credentials_file();
    take_nkey();
    take_jwt();
    take_tls();
    take_names();
    take_timeout();
    if (!refused_) refused_ = check_config(to_);
    if (refused_) return {config(), std::move(refused_)};
    return {std::move(to_), {}};
  }

 private:
  // The value of a setting that is set, unless something was refused before; refuses what cannot be taken.
  template <class Take>
  std::optional<taken_value> value_of(nats_setting s, Take take) {
    if (refused_ || !from_[s]) return {};
    taken_value taken = take(from_[s], variables_);
    if (taken.refused) {
      refused_ = std::move(taken.refused);
      return {};
    }
    return taken;
  }
  std::string literal(nats_setting s) {
    const auto taken = value_of(s, take_literal);
    return taken ? without_line_end(taken->content.view()) : std::string();
  }
  std::string file(nats_setting s) {
    const auto taken = value_of(s, take_file);
    return taken ? taken->path : std::string();
  }

  void take_password() {
    if (from_[user]) to_.user(from_[user].value, literal(password));
    if (from_[token]) to_.token(literal(token));
  }

  // True: the value was content, and is parsed.
  bool take_parsed(nats_setting s, std::optional<taken_value>& taken,
                   parsed_credentials (*parse)(std::string_view), parsed_credentials& parsed) {
    if (!taken || !taken->is_content) return false;
    parsed = parse(taken->content.view());
    if (!parsed.refused) return true;
    refused_ = {parsed.refused.code, concat(from_[s].source, ": ", parsed.refused.detail)};
    return false;
  }
  void take_credentials_file() {
    auto taken = value_of(creds, take_credentials);
    parsed_credentials parsed;
    if (take_parsed(creds, taken, parse_credentials_file, parsed)) {
      to_.jwt(parsed.value.jwt.view(), parsed.value.seed.view());
    } else if (taken) {
      to_.credentials_file(taken->path);
    }
  }
  void take_nkey() {
    auto taken = value_of(nkey, take_credentials);
    parsed_credentials parsed;
    if (take_parsed(nkey, taken, parse_seed_file, parsed)) {
      to_.nkey_seed(parsed.value.seed.view());
    } else if (taken) {
      to_.nkey_seed_file(taken->path);
    }
  }
  void take_jwt() {
    if (from_[jwt]) to_.jwt(literal(jwt), literal(seed));
  }

  void take_tls() {
    if (from_[ca]) to_.tls_ca_file(file(ca));
    if (from_[cert] && from_[key]) to_.tls_certificate(file(cert), file(key));
    if (from_[tls_first]) to_.tls_first(true);
  }

  void take_names() {
    if (from_[inbox_prefix]) to_.inbox_prefix(from_[inbox_prefix].value);
    if (from_[domain]) to_.domain(from_[domain].value);
    if (from_[api_prefix]) take_api_prefix();
  }
  // "$JS.hub.API" is the domain "hub" (ADR-19). Any other prefix would need the account's own imports.
  void take_api_prefix() {
    std::string_view prefix = from_[api_prefix].value;
    if (refused_ || prefix == "$JS.API") return;
    if (!prefix.starts_with("$JS.") || !prefix.ends_with(".API") || prefix.size() < 9) {
      refused_ = unsupported(from_[api_prefix], "must be $JS.<domain>.API");
      return;
    }
    prefix = prefix.substr(4, prefix.size() - 8);
    if (from_[domain] && from_[domain].value != prefix) {
      refused_ = conflict(concat(from_[domain].source, " and ", from_[api_prefix].source, " differ"));
      return;
    }
    to_.domain(prefix);
  }

  void take_timeout() {
    if (refused_ || !from_[timeout]) return;
    const std::optional<duration> value = parse_go_duration(from_[timeout].value);
    if (!value || *value <= duration(0)) {
      refused_ = out_of_range(from_[timeout], "must be a duration of more than 0, as 5s, 500ms or 1m30s");
      return;
    }
    to_.timeout(*value);
  }

  const nats_settings& from_;
  const variable_lookup& variables_;
  config to_;
  refusal refused_;
};

}  // namespace

made_config make_config(const nats_settings& settings, const variable_lookup& variables) {
  return config_maker(settings, variables).make();
}

}  // namespace kvco::core
