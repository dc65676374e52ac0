// The settings of the `nats` command line tool, from its context files and variables -> a config.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <kvco/config.hpp>
#include <kvco/detail/refusal.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kvco::core {

/// The value of an environment variable; nothing where it is not set.
using variable_lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// The settings of a context or a variable. The order is that of the table in the .cpp.
enum class nats_setting : std::uint8_t {
  url,
  user,
  password,
  token,
  creds,
  nkey,
  jwt,
  seed,
  cert,
  key,
  ca,
  tls_first,
  inbox_prefix,
  domain,
  api_prefix,
  timeout,
  socks_proxy,
  nsc,
  windows_store,
};
constexpr std::size_t nats_setting_count = static_cast<std::size_t>(nats_setting::windows_store) + 1;

/// A value as it was written, and where: `"creds" in "/etc/nats/shop.json"`, or `NATS_CREDS`. No value: not
/// set.
struct written_setting {
  std::string value, source;
  explicit operator bool() const noexcept { return !value.empty(); }
};

struct nats_settings {
  std::array<written_setting, nats_setting_count> values;
  written_setting& operator[](nats_setting s) noexcept { return values[static_cast<std::size_t>(s)]; }
  const written_setting& operator[](nats_setting s) const noexcept {
    return values[static_cast<std::size_t>(s)];
  }
};

struct read_settings {
  nats_settings settings;
  detail::refusal refused;  // its detail names the file or variable, and never shows a value
};

/// Reads a context file. Fields that are not known are left out: newer tools write more. `file` is for
/// details.
read_settings read_context(std::string_view json, std::string_view file);

/// Reads the NATS_* variables. As in the tool, an empty one is not set, and a user without a password is a
/// token.
read_settings read_variables(const variable_lookup& variables);

/// `over` where it is set, `under` elsewhere. Credentials of any kind in `over` replace all those of `under`.
nats_settings overlay(nats_settings under, const nats_settings& over);

struct made_config {
  config value;
  detail::refusal refused;  // its detail names the file or variable and the rule, and shows no secret
};

/// Expands paths (`~`, `$NAME`, `${NAME}`, file://), resolves env:// and data:, and refuses contradictions
/// (two kinds of credentials) and settings that kvco does not support (a SOCKS proxy, op://, nsc://).
made_config make_config(const nats_settings& settings, const variable_lookup& variables);

struct located_path {
  std::string path;
  detail::refusal refused;
};

/// Where the tool keeps its files: `$XDG_CONFIG_HOME/nats`, or `$HOME/.config/nats`.
located_path nats_directory(const variable_lookup& variables);

/// The file of a context: `context/NAME.json` in that directory. A name that has a '/' and ends in ".json" is
/// the path of a file itself, where `~` and variables are expanded.
located_path context_file(std::string_view name, const variable_lookup& variables);

/// The name in context.txt; empty: no context is selected.
std::string_view selected_context(std::string_view text) noexcept;

}  // namespace kvco::core
