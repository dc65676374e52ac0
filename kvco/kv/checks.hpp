// Checks of arguments before anything is sent: times to live, revisions, filters.
#pragma once

#include <kvco/detail/refusal.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/timeouts.hpp>
#include <kvco/options.hpp>
#include <string>
#include <vector>

namespace kvco::kv {

/// Per-message TTL: whole seconds, at least one (ADR-43), at most a hundred years: servers let one that ends after 2262 expire at
/// once. Or never.
detail::refusal check_ttl(duration ttl);
/// Of a bucket that has no per-message TTL switched on.
detail::refusal no_ttl(const bucket_state& bucket);
/// Of a value that expires and would bring an older one back.
detail::refusal check_single_history(const bucket_state& bucket);
/// Of purge_deletes(): not negative.
detail::refusal check_older_than(duration age);
/// A revision to read or to compare with: 0 is not a revision.
detail::refusal check_revision(revision rev);
/// At least one, and each a filter.
detail::refusal check_filters(const std::vector<std::string>& filters);
detail::refusal check_watch_options(const watch_options& options);

}  // namespace kvco::kv
