// The operations of a bucket: checks, then delegates to kv/.
#include <kvco/bucket.hpp>

#include <kvco/client.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/kv/bucket_access.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/get_many.hpp>
#include <kvco/kv/get_prefix.hpp>
#include <kvco/kv/listing.hpp>
#include <kvco/kv/purge_deletes.hpp>
#include <kvco/kv/put_many.hpp>
#include <kvco/kv/read_operation.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/kv/watch.hpp>
#include <kvco/kv/watch_plan.hpp>
#include <kvco/kv/write_operation.hpp>
#include <kvco/net/observation.hpp>
#include <kvco/net/session_owner.hpp>
#include <kvco/net/task.hpp>

namespace kvco {

namespace {
// False: the handle is empty.
bool is_usable(const kv::bucket_ptr& state) {
  if (state) state->session->entrance().check();
  return state != nullptr;
}
}  // namespace

const kv::bucket_ptr& detail::bucket_access::state_of(const bucket& of) {
  is_usable(of.state_);
  return of.state_;
}

bucket::bucket(std::shared_ptr<const kv::bucket_state> state)
    : state_(std::move(state)), owner_(net::session_owner::of(state_->session)) {}
bucket& bucket::operator=(bucket other) noexcept {
  std::swap(state_, other.state_);
  std::swap(owner_, other.owner_);
  return *this;
}
bucket::~bucket() { is_usable(state_); }

client bucket::client() const { return state_ ? kvco::client(state_->session) : kvco::client(); }
bucket::executor_type bucket::get_executor() const noexcept {
  return state_ ? state_->session->executor() : executor_type();
}

const std::string& bucket::name() const noexcept {
  static const std::string none;
  return is_usable(state_) ? state_->name : none;
}

detail::operation_ptr<revision> bucket::prepare_put(std::string_view key, std::string_view value,
                                                    const put_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_write(
      state_,
      {.key = key, .value = value, .timeout = options.timeout, .retry = options.retry, .diag = options.diag});
}

detail::operation_ptr<revision> bucket::prepare_create(std::string_view key, std::string_view value,
                                                       const create_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_write(state_, {.key = key,
                                 .value = value,
                                 .timeout = options.timeout,
                                 .ttl = options.ttl,
                                 .expected = 0,
                                 .create = true,
                                 .retry = options.retry,
                                 .diag = options.diag});
}

detail::operation_ptr<revision> bucket::prepare_update(std::string_view key, std::string_view value,
                                                       revision last, const update_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_write(state_, {.key = key,
                                 .value = value,
                                 .timeout = options.timeout,
                                 .ttl = options.ttl,
                                 .expected = last,
                                 .retry = options.retry,
                                 .diag = options.diag});
}

detail::operation_ptr<revision> bucket::prepare_erase(std::string_view key,
                                                      const erase_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_write(state_, {.key = key,
                                 .value = {},
                                 .timeout = options.timeout,
                                 .expected = options.last_revision,
                                 .op = operation::erase,
                                 .retry = options.retry,
                                 .diag = options.diag});
}

detail::operation_ptr<revision> bucket::prepare_purge(std::string_view key,
                                                      const purge_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_write(state_, {.key = key,
                                 .value = {},
                                 .timeout = options.timeout,
                                 .ttl = options.ttl,
                                 .expected = options.last_revision,
                                 .op = operation::purge,
                                 .retry = options.retry,
                                 .diag = options.diag});
}

detail::operation_ptr<std::optional<entry>> bucket::prepare_get(std::string_view key,
                                                                const get_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_read(state_, {.key = key, .rev = std::nullopt, .options = options});
}

detail::operation_ptr<std::optional<entry>> bucket::prepare_get_entry(std::string_view key,
                                                                      const get_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_read(state_, {.key = key, .rev = std::nullopt, .tombstones = true, .options = options});
}

detail::operation_ptr<std::optional<entry>> bucket::prepare_get_revision(std::string_view key, revision rev,
                                                                         const get_options& options) const {
  if (!is_usable(state_)) return {};
  return kv::make_read(state_, {.key = key, .rev = rev, .options = options});
}

namespace {
detail::texts copy(key_views keys) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) bytes += keys[i].size();
  detail::texts copies(keys.size(), bytes);
  for (std::size_t i = 0; i < keys.size(); ++i) copies.add(keys[i]);
  return copies;
}

detail::texts copy(item_views items) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) bytes += items[i].key.size() + items[i].value.size();
  detail::texts copies(2 * items.size(), bytes);
  for (std::size_t i = 0; i < items.size(); ++i) {
    copies.add(items[i].key);
    copies.add(items[i].value);
  }
  return copies;
}
}  // namespace

detail::operation_ptr<std::vector<std::optional<entry>>> bucket::prepare_get_many(
    key_views keys, const get_options& options) const {
  if (!is_usable(state_)) return {};
  return net::make_observed_task<std::vector<std::optional<entry>>>(
      state_->session, operation_kind::get_many, state_->name, 0, options.diag,
      [state = state_, copies = copy(keys), options]() mutable {
        return kv::get_many(state, std::move(copies), options);
      });
}

detail::operation_ptr<snapshot> bucket::prepare_get_prefix(key_views filters,
                                                           const get_options& options) const {
  if (!is_usable(state_)) return {};
  return net::make_observed_task<snapshot>(state_->session, operation_kind::get_prefix, state_->name, 0,
                                           options.diag,
                                           [state = state_, filters = detail::owned(filters), options] {
                                             return kv::get_prefix(state, filters, options);
                                           });
}

detail::operation_ptr<std::vector<put_outcome>> bucket::prepare_put_many(
    item_views items, const put_many_options& options) const {
  if (!is_usable(state_)) return {};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) bytes += items[i].value.size();
  return net::make_observed_task<std::vector<put_outcome>>(
      state_->session, operation_kind::put_many, state_->name, bytes, options.diag,
      [state = state_, copies = copy(items), options](net::progress* done) mutable {
        return kv::put_many(state, std::move(copies), options, done);
      });
}

detail::operation_ptr<std::uint64_t> bucket::prepare_purge_deletes(
    const purge_deletes_options& options) const {
  if (!is_usable(state_)) return {};
  return net::make_observed_task<std::uint64_t>(
      state_->session, operation_kind::purge_deletes, state_->name, 0, options.diag,
      [state = state_, options](net::progress* done) { return kv::purge_deletes(state, options, done); });
}

detail::operation_ptr<std::vector<std::string>> bucket::prepare_keys(key_views filters,
                                                                     const request_options& options) const {
  if (!is_usable(state_)) return {};
  return net::make_observed_task<std::vector<std::string>>(
      state_->session, operation_kind::keys, state_->name, 0, options.diag,
      [state = state_, filters = detail::owned(filters), options] {
        return kv::list_keys(state, filters, options.timeout);
      });
}

detail::operation_ptr<std::vector<entry>> bucket::prepare_history(std::string_view key,
                                                                  const request_options& options) const {
  if (!is_usable(state_)) return {};
  return net::make_observed_task<std::vector<entry>>(state_->session, operation_kind::history, state_->name,
                                                     0, options.diag,
                                                     [state = state_, key = std::string(key), options] {
                                                       return kv::list_history(state, key, options.timeout);
                                                     });
}

detail::operation_ptr<bucket_status> bucket::prepare_status(const request_options& options) const {
  if (!is_usable(state_)) return {};
  return net::make_observed_task<bucket_status>(state_->session, operation_kind::status, state_->name, 0,
                                                options.diag, [state = state_, options](net::progress* done) {
                                                  return kv::read_status(state, options.timeout, done);
                                                });
}

watcher bucket::watch(std::string_view filter, watch_options options) const {
  return watch(key_views(std::span(&filter, 1)), options);
}

watcher bucket::watch(std::initializer_list<std::string_view> filters, watch_options options) const {
  return watch(key_views(filters), options);
}

watcher bucket::watch(key_views filters, watch_options options) const {
  if (!is_usable(state_)) return {};
  return watcher(kv::begin_watch(*state_, detail::owned(filters), options), owner_);
}

}  // namespace kvco
