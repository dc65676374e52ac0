// Checks of arguments before anything is sent.
#include <kvco/kv/checks.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/keys.hpp>

namespace kvco::kv {
namespace {

using namespace std::chrono_literals;

std::string nanoseconds(duration value) { return std::to_string(value.count()) + " ns"; }

detail::refusal conflict(std::string_view words) {
  return {client_error::options_conflict, std::string(words)};
}

}  // namespace

detail::refusal check_older_than(duration age) {
  if (age.count() >= 0) return {};
  return {client_error::setting_out_of_range, "older_than " + nanoseconds(age) + " is negative"};
}

detail::refusal check_ttl(duration ttl) {
  if (ttl == no_expiry) return {};
  constexpr duration longest = std::chrono::days(36'500);
  if (ttl >= 1s && ttl <= longest && ttl % 1s == 0s) return {};
  return {client_error::ttl_out_of_range, "ttl " + nanoseconds(ttl)};
}

detail::refusal no_ttl(const bucket_state& bucket) {
  return {client_error::unsupported_by_server,
          detail::concat("bucket ", bucket.name, " was not created with limit_marker_ttl (server 2.11)")};
}

detail::refusal check_single_history(const bucket_state& bucket) {
  if (bucket.history == 1) return {};
  return {client_error::ttl_with_history,
          detail::concat("bucket ", bucket.name, " has a history of ", std::to_string(bucket.history))};
}

detail::refusal check_revision(revision rev) {
  if (rev != 0) return {};
  return {client_error::revision_zero, "revision 0"};
}

detail::refusal check_filters(const std::vector<std::string>& filters) {
  if (filters.empty()) return {client_error::filter_list_empty, "no filters"};
  for (const std::string& filter : filters) {
    if (auto refused = jetstream::check_filter(filter)) return refused;
  }
  return {};
}

detail::refusal check_watch_options(const watch_options& options) {
  if (options.heartbeat.count() != 0 && options.heartbeat < 100ms) {
    return {client_error::setting_out_of_range,
            "heartbeat " + nanoseconds(options.heartbeat) + ", at least 100 ms"};
  }
  if (options.updates_only && options.include_history) return conflict("updates_only and include_history");
  if (options.updates_only && options.initial_only) return conflict("updates_only and initial_only");
  if (options.updates_only && options.resume_from != 0) return conflict("updates_only and resume_from");
  if (options.include_history && options.resume_from != 0) return conflict("include_history and resume_from");
  if (options.resume_after && options.resume_from != 0) return conflict("resume_after and resume_from");
  return {};
}

}  // namespace kvco::kv
