// The settings of the `nats` command line tool, as written in its context files and variables.
// Source: nats-io/jsm.go natscontext (the files) and nats-io/natscli nats/main.go (the variables).
#include <kvco/core/nats_context.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <kvco/core/expand_path.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <utility>

namespace kvco::core {
namespace {

namespace json = boost::json;
using detail::concat;
using detail::printable;
using detail::refusal;

// Not in here, since a client of Key-Value has no use for them: description, color_scheme and NATS_COLOR,
// jetstream_event_prefix (advisories), and the matchers beside windows_cert_store.
struct row {
  nats_setting setting;
  std::string_view field, variable;  // empty: it has none
};
constexpr row rows[] = {
    {nats_setting::url, "url", "NATS_URL"},
    {nats_setting::user, "user", "NATS_USER"},
    {nats_setting::password, "password", "NATS_PASSWORD"},
    {nats_setting::token, "token", "NATS_TOKEN"},
    {nats_setting::creds, "creds", "NATS_CREDS"},
    {nats_setting::nkey, "nkey", "NATS_NKEY"},
    {nats_setting::jwt, "user_jwt", "NATS_JWT"},
    {nats_setting::seed, "user_seed", "NATS_SEED"},
    {nats_setting::cert, "cert", "NATS_CERT"},
    {nats_setting::key, "key", "NATS_KEY"},
    {nats_setting::ca, "ca", "NATS_CA"},
    {nats_setting::tls_first, "tls_first", ""},
    {nats_setting::inbox_prefix, "inbox_prefix", ""},
    {nats_setting::domain, "jetstream_domain", ""},
    {nats_setting::api_prefix, "jetstream_api_prefix", ""},
    {nats_setting::timeout, "", "NATS_TIMEOUT"},
    {nats_setting::socks_proxy, "socks_proxy", "NATS_SOCKS_PROXY"},
    {nats_setting::nsc, "nsc", ""},
    {nats_setting::windows_store, "windows_cert_store", ""},
};
static_assert(std::size(rows) == nats_setting_count);

refusal malformed(std::string detail) { return {client_error::context_malformed, std::move(detail)}; }

// True or false as "true" or nothing, text as it is; false for anything else.
bool read_value(const json::value& from, bool is_bool, std::string& to) {
  if (from.is_null()) return true;  // as in Go, the field keeps its default
  if (is_bool) {
    if (!from.is_bool()) return false;
    if (from.get_bool()) to = "true";
    return true;
  }
  if (!from.is_string()) return false;
  to = std::string_view(from.get_string());
  return true;
}

constexpr nats_setting all_credentials[] = {nats_setting::user,     nats_setting::token, nats_setting::creds,
                                            nats_setting::nkey,     nats_setting::jwt,   nats_setting::seed,
                                            nats_setting::password, nats_setting::nsc};

// A password or a seed alone completes the context's credentials.
bool has_credentials(const nats_settings& settings) {
  return settings[nats_setting::user] || settings[nats_setting::token] || settings[nats_setting::creds] ||
         settings[nats_setting::nkey] || settings[nats_setting::jwt];
}

bool means_none(std::string_view proxy) noexcept {
  return proxy == "none" || proxy == "NONE" || proxy == "-";
}

}  // namespace

read_settings read_context(std::string_view text, std::string_view file) {
  read_settings out;
  const std::string where = concat(" in ", printable(file));
  error_code ec;
  const json::value parsed = json::parse(text, ec);
  if (ec || !parsed.is_object()) return {{}, malformed(concat(printable(file), " is no JSON object"))};
  for (const row& r : rows) {
    if (r.field.empty()) continue;
    const json::value* found = parsed.get_object().if_contains(r.field);
    if (found == nullptr) continue;
    written_setting& setting = out.settings[r.setting];
    setting.source = concat(printable(r.field), where);
    const bool is_bool = r.setting == nats_setting::tls_first;
    if (!read_value(*found, is_bool, setting.value)) {
      return {{}, malformed(concat(setting.source, " must be ", is_bool ? "true or false" : "a string"))};
    }
  }
  return out;
}

read_settings read_variables(const variable_lookup& variables) {
  read_settings out;
  for (const row& r : rows) {
    if (r.variable.empty()) continue;
    if (auto value = variables(r.variable))
      out.settings[r.setting] = {std::move(*value), std::string(r.variable)};
  }
  written_setting& user = out.settings[nats_setting::user];
  written_setting& token = out.settings[nats_setting::token];
  if (user && !out.settings[nats_setting::password]) {
    if (token) {
      return {{},
              {client_error::options_conflict,
               "NATS_TOKEN and NATS_USER are both set, and without NATS_PASSWORD the user is a token, too"}};
    }
    token = std::exchange(user, {});
  }
  return out;
}

nats_settings overlay(nats_settings under, const nats_settings& over) {
  if (has_credentials(over)) {
    for (const nats_setting s : all_credentials) under[s] = {};
  }
  for (std::size_t i = 0; i < nats_setting_count; ++i) {
    if (over.values[i]) under.values[i] = over.values[i];
  }
  written_setting& proxy = under[nats_setting::socks_proxy];
  if (means_none(proxy.value)) proxy = {};
  return under;
}

located_path nats_directory(const variable_lookup& variables) {
  if (const auto xdg = variables("XDG_CONFIG_HOME"); xdg && !xdg->empty()) return {concat(*xdg, "/nats"), {}};
  if (const auto home = variables("HOME"); home && !home->empty())
    return {concat(*home, "/.config/nats"), {}};
  return {{}, {client_error::context_not_found, "neither XDG_CONFIG_HOME nor HOME is set"}};
}

located_path context_file(std::string_view name, const variable_lookup& variables) {
  const auto refuse = [&](std::string_view wrong) {
    return located_path{
        {}, {client_error::context_not_found, concat("the context ", printable(name), " ", wrong)}};
  };
  if (name.find('/') != name.npos && name.ends_with(".json")) {
    expanded_path expanded = expand_path(name, variables);
    if (!expanded.wrong.empty()) return refuse(expanded.wrong);
    return {std::move(expanded.path), {}};
  }
  // The rules of the tool: a name must not lead out of its directory.
  if (name.empty()) return refuse("has no name");
  if (name.find("..") != name.npos) return refuse("must not have \"..\" in its name");
  if (name.find_first_of(std::string_view("/\\\0", 3)) != name.npos) {
    return refuse("must not have a '/' or '\\' in its name, unless it is the path of a .json file");
  }
  located_path directory = nats_directory(variables);
  if (directory.refused) return directory;
  return {concat(directory.path, "/context/", name, ".json"), {}};
}

std::string_view selected_context(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace kvco::core
