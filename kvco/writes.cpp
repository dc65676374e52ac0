// Writes that few programs need: the handles are looked at here, the work is in kv/.
#include <kvco/writes.hpp>

#include <kvco/kv/bucket_access.hpp>
#include <kvco/kv/remove_keys.hpp>
#include <kvco/kv/rewrite.hpp>
#include <kvco/net/observation.hpp>
#include <string>
#include <vector>

namespace kvco::detail {

operation_ptr<std::uint64_t> rare_writes::prepare_remove(const bucket& of, key_views filters,
                                                         kvco::operation how, const keys_options& options) {
  const kv::bucket_ptr& state = bucket_access::state_of(of);
  if (!state) return {};
  const auto kind = how == kvco::operation::erase ? operation_kind::erase_keys : operation_kind::purge_keys;
  return net::make_observed_task<std::uint64_t>(
      state->session, kind, state->name, 0, options.diag,
      [state, all = owned(filters), how, options](net::progress* done) {
        return kv::remove_keys(state, all, how, options, done);
      });
}

operation_ptr<std::optional<revision>> rare_writes::prepare_revert(const bucket& of, std::string_view key,
                                                                   revision to,
                                                                   const revert_options& options) {
  const kv::bucket_ptr& state = bucket_access::state_of(of);
  if (!state) return {};
  return net::make_observed_task<std::optional<revision>>(
      state->session, operation_kind::revert_key, state->name, 0, options.diag,
      [state, key = std::string(key), to, options](net::progress* done) {
        return kv::revert_key(state, key, to, options, done);
      });
}

operation_ptr<std::optional<revision>> rare_writes::prepare_copy(const bucket& from, std::string_view key,
                                                                 const bucket& to, std::string_view to_key,
                                                                 const copy_options& options) {
  const kv::bucket_ptr& source = bucket_access::state_of(from);
  const kv::bucket_ptr& target = bucket_access::state_of(to);
  if (!source || !target) return {};
  return net::make_observed_task<std::optional<revision>>(
      target->session, operation_kind::copy_key, target->name, 0, options.diag,
      [source, key = std::string(key), target, to_key = std::string(to_key), options](net::progress* done) {
        return kv::copy_key(source, key, target, to_key, options, done);
      });
}

}  // namespace kvco::detail
