// Where a config comes from besides the program: the contexts and variables of the `nats` command line tool.
#pragma once

#include <kvco/config.hpp>
#include <string_view>

namespace kvco {

/// The configuration of a context of the `nats` command line tool (`nats context add`, `nats context
/// select`): `kvco::client nats = co_await kvco::connect(kvco::config_from_context("shop"));`
///
/// @param name  The file `$XDG_CONFIG_HOME/nats/context/NAME.json`, where `~/.config` stands for an
///              XDG_CONFIG_HOME that is not set. Empty: the selected context, whose name is in
///              `nats/context.txt`. With a '/' in it and ".json" at its end: the path of a file.
///
/// Taken from it: `url`, one kind of credentials (`user` and `password`; `token`; `creds`; `nkey`; `user_jwt`
/// with `user_seed`), `cert` with `key`, `ca`, `tls_first`, `inbox_prefix`, `jetstream_domain` and
/// `jetstream_api_prefix`. In paths, `~`, `$NAME` and `${NAME}` are expanded and `file://` is left out. `creds`,
/// `nkey`, `password`, `token`, `user_jwt` and `user_seed` may be `env://NAME` or `data:;base64,...`.
///
/// Refused: several kinds of credentials at once (the tool drops all but one), half of a pair, a variable
/// that is not set, `socks_proxy`, `nsc`, `windows_cert_store` and values at `op://` or `nsc://`, since
/// without them the connection would be another one than the context describes. Ignored: `description`,
/// `color_scheme`, `jetstream_event_prefix` (advisories) and unknown fields.
///
/// Settings made on the result take precedence: `kvco::config_from_context("shop").name("worker")`. The
/// exception is credentials of another kind: then connect() refuses the config, because it does not guess
/// which ones are meant. The files of credentials and certificates are not read here but by each attempt to
/// connect.
///
/// \par Throws
/// boost::system::system_error with errc::invalid_argument; what() names the file, the field and the rule,
/// and never contains a secret.
config config_from_context(std::string_view name = {});

/// The configuration that the `nats` command line tool would use here: the variables below, over the context
/// that NATS_CONTEXT names, over the selected context if there is one, over the defaults of kvco::config.
///
/// NATS_URL, NATS_USER and NATS_PASSWORD (a user without a password is a token), NATS_TOKEN, NATS_CREDS and
/// NATS_NKEY (paths), NATS_JWT and NATS_SEED (the texts themselves), NATS_CERT, NATS_KEY and NATS_CA (paths),
/// NATS_TIMEOUT (a duration of Go, "5s": config::timeout), NATS_CONTEXT. NATS_SOCKS_PROXY is refused unless
/// it is "none". An empty variable is not set. Values have the forms that they have in a context.
///
/// A credential in a variable replaces those of the context, of whatever kind, but not one in its URL (see
/// kvco::config); NATS_PASSWORD or NATS_SEED alone completes the context's user or JWT.
///
/// \par Throws
/// As config_from_context(); what() names the variable.
config config_from_environment();

/// The same without a context, whatever NATS_CONTEXT and the selected context are: the variables over the defaults.
config config_from_variables();

}  // namespace kvco
