// Reads that few programs need.
#include <kvco/reads.hpp>

#include <kvco/kv/bucket_access.hpp>
#include <kvco/kv/single_reads.hpp>
#include <kvco/kv/stored_keys.hpp>
#include <kvco/net/observation.hpp>
#include <string>
#include <vector>

namespace kvco {

namespace detail {

operation_ptr<std::uint64_t> single_reads::prepare_count_keys(const bucket& from, key_views filters,
                                                              const request_options& options) {
  const kv::bucket_ptr& state = bucket_access::state_of(from);
  if (!state) return {};
  return net::make_observed_task<std::uint64_t>(state->session, operation_kind::count_keys, state->name, 0,
                                                options.diag,
                                                [state, all = owned(filters), options](net::progress* done) {
                                                  return kv::count_keys(state, all, options.timeout, done);
                                                });
}

operation_ptr<std::vector<std::string>> single_reads::prepare_list_stored_keys(
    const bucket& from, key_views filters, const request_options& options) {
  const kv::bucket_ptr& state = bucket_access::state_of(from);
  if (!state) return {};
  return net::make_observed_task<std::vector<std::string>>(
      state->session, operation_kind::list_stored_keys, state->name, 0, options.diag,
      [state, all = owned(filters), options](net::progress* done) {
        return kv::list_stored_keys(state, all, options.timeout, done);
      });
}

operation_ptr<std::optional<entry>> single_reads::prepare_get_at_or_after(const bucket& from,
                                                                          std::string_view key, revision at,
                                                                          const request_options& options) {
  const kv::bucket_ptr& state = bucket_access::state_of(from);
  if (!state) return {};
  return net::make_observed_task<std::optional<entry>>(
      state->session, operation_kind::get_at_or_after, state->name, 0, options.diag,
      [state, key = std::string(key), at, options] {
        return kv::get_at_or_after(state, key, at, options.timeout);
      });
}

operation_ptr<std::optional<entry>> single_reads::prepare_get_as_of(
    const bucket& from, std::string_view key, std::chrono::system_clock::time_point when,
    const request_options& options) {
  const kv::bucket_ptr& state = bucket_access::state_of(from);
  if (!state) return {};
  return net::make_observed_task<std::optional<entry>>(
      state->session, operation_kind::get_as_of, state->name, 0, options.diag,
      [state, key = std::string(key), when, options] {
        return kv::get_as_of(state, key, when, options.timeout);
      });
}

}  // namespace detail
}  // namespace kvco
