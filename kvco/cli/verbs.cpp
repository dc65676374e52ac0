// All verbs, and the flags that each of them has.
#include <kvco/cli/verbs.hpp>

#include <algorithm>
#include <array>

namespace kvco::cli {
namespace {

constexpr std::array verbs = {
    &ls_verb,    &add_verb,      &edit_verb,           &info_verb,   &compact_verb, &get_verb,
    &put_verb,   &create_verb,   &update_verb,         &del_verb,    &purge_verb,   &keys_verb,
    &watch_verb, &history_verb,  &revert_verb,         &export_verb, &import_verb,  &cp_verb,
    &diff_verb,  &lock_verb,     &exec_on_change_verb, &bench_verb,  &top_verb,     &completion_verb,
    &man_verb,   &complete_verb,
};

constexpr flag globals[] = {
    {.name = "server", .value = "URLS", .help = "servers, separated by commas (NATS_URL)", .letter = 's'},
    {.name = "context", .value = "NAME", .help = "a context of the nats tool (NATS_CONTEXT)"},
    {.name = "no-context", .help = "without the selected context"},
    {.name = "user", .value = "NAME", .help = "user name; without a password a token (NATS_USER)"},
    {.name = "password", .value = "WORD", .help = "password (NATS_PASSWORD)"},
    {.name = "token", .value = "TOKEN", .help = "token (NATS_TOKEN)"},
    {.name = "creds", .value = "FILE", .help = "a .creds file (NATS_CREDS)", .as = completes::file},
    {.name = "nkey", .value = "FILE", .help = "the seed of a user (NATS_NKEY)", .as = completes::file},
    {.name = "jwt", .value = "JWT", .help = "a user's JWT, with --seed (NATS_JWT)"},
    {.name = "seed", .value = "SEED", .help = "the seed to a JWT (NATS_SEED)"},
    {.name = "tlscert",
     .value = "FILE",
     .help = "certificate of the client (NATS_CERT)",
     .as = completes::file},
    {.name = "tlskey", .value = "FILE", .help = "its private key (NATS_KEY)", .as = completes::file},
    {.name = "tlsca", .value = "FILE", .help = "authorities to trust (NATS_CA)", .as = completes::file},
    {.name = "tlsfirst", .help = "the TLS handshake comes before INFO"},
    {.name = "timeout", .value = "TIME", .help = "until an operation must be answered, 10s (NATS_TIMEOUT)"},
    {.name = "socks-proxy", .value = "URL", .help = "refused: kvco has no SOCKS (NATS_SOCKS_PROXY)"},
    {.name = "js-domain", .value = "NAME", .help = "JetStream domain"},
    {.name = "js-api-prefix", .value = "SUBJECT", .help = "$JS.<domain>.API"},
    {.name = "inbox-prefix", .value = "SUBJECT", .help = "prefix of inboxes, _INBOX"},
    {.name = "connection-name", .value = "NAME", .help = "shown in the server's list of connections"},
    {.name = "color", .value = "WHEN", .help = "always, never, or auto: on a terminal without NO_COLOR"},
    {.name = "json", .help = "one JSON object a line"},
    {.name = "trace", .help = "the log of the connection on standard error"},
    {.name = "version", .help = "the version of kvco"},
    {.name = "help", .help = "this help", .letter = 'h'},
};

const flag* find_in(std::span<const flag> all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const flag& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::span<const verb* const> all_verbs() { return verbs; }

const verb* find_verb(std::string_view name) {
  for (const verb* each : verbs) {
    if (each->name == name || (!each->alias.empty() && each->alias == name)) return each;
  }
  return nullptr;
}

std::span<const flag> global_flags() { return globals; }

const flag* find_flag(const verb* of, std::string_view name) {
  const flag* const own = of == nullptr ? nullptr : find_in(of->flags, name);
  return own != nullptr ? own : find_in(globals, name);
}

}  // namespace kvco::cli
