// A path as a user writes it in a context or variable -> one that can be opened.
#pragma once

#include <kvco/core/nats_context.hpp>
#include <string>
#include <string_view>

namespace kvco::core {

struct expanded_path {
  std::string path;
  std::string wrong;  // the second half of a sentence; empty: fine
};

/// Replaces `$NAME` and `${NAME}`, and `~` at the start by the home directory. A variable that is not set is
/// an error: Go's os.ExpandEnv replaces it with nothing, which opens another file.
expanded_path expand_path(std::string_view path, const variable_lookup& variables);

}  // namespace kvco::core
