// The flags of a connection, over the variables and the context of the nats tool.
#pragma once

#include <kvco/cli/parsed.hpp>
#include <kvco/config.hpp>

namespace kvco::cli {

/// Throws as kvco::config_from_environment(); in its words a flag takes the place of the variable that it stands for.
config config_of(const parsed& args);

}  // namespace kvco::cli
