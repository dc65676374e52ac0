// One value of a context or a variable: a path, or the content that a URI refers to.
#pragma once

#include <kvco/core/nats_context.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/detail/secret.hpp>
#include <string>
#include <string_view>

namespace kvco::core {

/// The text may have been a secret, so no detail shows it.
struct taken_value {
  std::string path;
  kvco::detail::secret content;
  bool is_content = false;
  kvco::detail::refusal refused;
};

/// The path of a file.
taken_value take_file(const written_setting& s, const variable_lookup& variables);
/// The fields that hold the tool's references to credentials, by scheme as its resolvers know them.
taken_value take_credentials(const written_setting& s, const variable_lookup& variables);
/// Password, token, JWT and seed: the value itself, unless it has a known scheme that refers to another
/// place. A password may look like a URI of any other scheme.
taken_value take_literal(const written_setting& s, const variable_lookup& variables);

// Refusals that name where a setting was written.
kvco::detail::refusal out_of_range(const written_setting& s, std::string_view wrong);
kvco::detail::refusal unsupported(const written_setting& s, std::string_view what);

}  // namespace kvco::core
