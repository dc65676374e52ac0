// The settings of the `nats` command line tool -> a config: values are checked, expanded and taken over.
#include <algorithm>
#include <kvco/core/check_config.hpp>
#include <kvco/core/context_value.hpp>
#include <kvco/core/credentials_file.hpp>
#include <kvco/core/go_duration.hpp>
#include <kvco/core/nats_context.hpp>
#include <kvco/detail/concat.hpp>
#include <optional>
#include <utility>

namespace kvco::core {
namespace {

using detail::concat;
using detail::refusal;
using enum nats_setting;

refusal conflict(std::string detail) { return {client_error::options_conflict, std::move(detail)}; }

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
  // The value of a setting that is set, unless an earlier one was refused; refuses values that cannot be
  // used.
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
    if (from_[ca]) to_.tls().ca_file(file(ca));
    if (from_[cert] && from_[key]) to_.tls().certificate_files(file(cert), file(key));
    if (from_[tls_first]) to_.tls().handshake_first(true);
  }

  void take_names() {
    if (from_[inbox_prefix]) to_.inbox_prefix(from_[inbox_prefix].value);
    if (from_[domain]) to_.domain(from_[domain].value);
    if (from_[api_prefix]) take_api_prefix();
  }
  // "$JS.hub.API" is the domain "hub" (ADR-19), any other prefix that of an import: empty.
  static std::string_view domain_in(std::string_view prefix) {
    const bool is_of_domain = prefix.starts_with("$JS.") && prefix.ends_with(".API") && prefix.size() >= 9;
    return is_of_domain ? prefix.substr(4, prefix.size() - 8) : std::string_view();
  }
  void take_api_prefix() {
    const std::string_view prefix = from_[api_prefix].value, of = domain_in(prefix);
    if (refused_ || prefix == "$JS.API") return;
    if (from_[domain] && from_[domain].value != of) {
      refused_ = conflict(concat(from_[domain].source, " and ", from_[api_prefix].source, " differ"));
    } else if (of.empty()) {
      to_.api_prefix(prefix);
    } else {
      to_.domain(of);
    }
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
