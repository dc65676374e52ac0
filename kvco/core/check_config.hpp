// The ranges of a client's settings, checked before connect() does anything.
#pragma once

#include <kvco/config.hpp>
#include <kvco/detail/refusal.hpp>

namespace kvco::core {

/// Checks everything but the URLs (parse_server_urls). The detail names the setting, never a secret.
detail::refusal check_config(const config& settings);

}  // namespace kvco::core
