// The flags of a connection -> a config. Each has the meaning of a variable of the nats tool, and takes its place.
#include <kvco/auth/load_config.hpp>
#include <kvco/cli/connection.hpp>
#include <kvco/cli/exit_code.hpp>
#include <kvco/observe/log.hpp>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

struct row {
  const char* flag;
  const char* variable;
  bool is_credential = false;  // one kind of several: the others do not count beside it
};

constexpr row rows[] = {
    {"server", "NATS_URL"},
    {"user", "NATS_USER", true},
    {"token", "NATS_TOKEN", true},
    {"creds", "NATS_CREDS", true},
    {"nkey", "NATS_NKEY", true},
    {"jwt", "NATS_JWT", true},
    {"password", "NATS_PASSWORD"},
    {"seed", "NATS_SEED"},
    {"tlscert", "NATS_CERT"},
    {"tlskey", "NATS_KEY"},
    {"tlsca", "NATS_CA"},
    {"timeout", "NATS_TIMEOUT"},
    {"socks-proxy", "NATS_SOCKS_PROXY"},
    {"context", "NATS_CONTEXT"},
};

/// Variables of this process that are changed for some time: a command that is started later must not inherit a password.
class changed_variables {
 public:
  changed_variables() = default;
  ~changed_variables() {
    for (auto it = before_.rbegin(); it != before_.rend(); ++it) put(it->first, it->second);
  }
  changed_variables(const changed_variables&) = delete;
  changed_variables& operator=(const changed_variables&) = delete;

  void set(const char* name, std::optional<std::string> value) {
    const char* const now = std::getenv(name);
    before_.emplace_back(name, now == nullptr ? std::nullopt : std::optional<std::string>(now));
    put(name, value);
  }

 private:
  static void put(const char* name, const std::optional<std::string>& value) {
    if (value) {
      ::setenv(name, value->c_str(), 1);
    } else {
      ::unsetenv(name);
    }
  }
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

void apply_flags(const parsed& args, changed_variables& variables) {
  bool names_credentials = false;
  for (const row& each : rows) names_credentials |= each.is_credential && args.has(each.flag);
  for (const row& each : rows) {
    if (args.has(each.flag)) {
      variables.set(each.variable, args.text(each.flag));
    } else if (each.is_credential && names_credentials) {
      variables.set(each.variable, std::nullopt);
    }
  }
}

/// A message about a variable is about the flag that has set it.
std::string in_terms_of_flags(std::string words, const parsed& args) {
  for (const row& each : rows) {
    const std::string variable = each.variable, flag = "--" + std::string(each.flag);
    if (!args.has(each.flag)) continue;
    for (std::size_t at = words.find(variable); at != words.npos; at = words.find(variable, at + flag.size()))
      words.replace(at, variable.size(), flag);
  }
  return words;
}

config load(const parsed& args) {
  changed_variables variables;
  apply_flags(args, variables);
  try {
    return args.has("no-context") ? config_from_variables() : config_from_environment();
  } catch (const boost::system::system_error& refused) {
    throw failure(exit_code_of(refused.code()), in_terms_of_flags(words_of(refused), args));
  }
}

void set_api_prefix(const std::string& prefix, config& to) {
  if (prefix == "$JS.API") return;
  const bool is_of_domain = prefix.starts_with("$JS.") && prefix.ends_with(".API") && prefix.size() > 8;
  if (is_of_domain) {
    to.domain(prefix.substr(4, prefix.size() - 8));
  } else {
    to.api_prefix(prefix);
  }
}

}  // namespace

config config_of(const parsed& args) {
  config out = load(args);
  out.name(args.has("connection-name") ? args.text("connection-name") : "kvco");
  if (args.has("tlsfirst")) out.tls().handshake_first(true);
  if (args.has("inbox-prefix")) out.inbox_prefix(args.text("inbox-prefix"));
  if (args.has("js-api-prefix")) set_api_prefix(args.text("js-api-prefix"), out);
  if (args.has("js-domain")) out.domain(args.text("js-domain"));
  if (args.has("trace"))
    out.observe().log(log_level::debug, [](const log_record& r) { std::cerr << to_string(r) << std::endl; });
  return out;
}

}  // namespace kvco::cli
