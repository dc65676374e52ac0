// The flags of add and edit -> the configuration of a bucket.
#pragma once

#include <kvco/bucket_config.hpp>
#include <kvco/cli/parsed.hpp>
#include <kvco/cli/verb.hpp>
#include <span>

namespace kvco::cli {

std::span<const flag> flags_of_add();
/// Those of a bucket that exists: it keeps its storage, and gets no origin.
std::span<const flag> flags_of_edit();

/// Throws a usage error.
bucket_config settings_of(const parsed& args);

}  // namespace kvco::cli
