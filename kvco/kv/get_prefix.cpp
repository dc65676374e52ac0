// The values of all keys that match some filters, as of one revision.
//
// Up to 1024 keys and 4 MiB come with one multi_last request, which the server answers from one state. More cannot be read like that:
// pages do not belong to one state, since a key that is written between two pages has no old revision any more. So a consumer lists
// the keys, and the messages stored since then are requested from the leader, one after the other, until none follows the last one.
// At that moment every message has been seen: the last one is the revision of the snapshot.
#include <kvco/kv/get_prefix.hpp>

#include <algorithm>
#include <kvco/jetstream/filter_set.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/last_values.hpp>
#include <kvco/kv/listing.hpp>
#include <kvco/kv/newer_entries.hpp>
#include <kvco/kv/read_operation.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/deadline_guard.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/task.hpp>
#include <optional>
#include <span>
#include <utility>

namespace kvco::kv {
namespace {

bool is_any_replica(const bucket_state& bucket, consistency who) noexcept {
  return who != consistency::leader && bucket.takes_multi_get();
}

// The revision that a replica must have reached for its answer to be used.
revision least_revision(const bucket_state& bucket, const get_options& options) noexcept {
  const revision known = options.consistency == consistency::any ? 0 : bucket.floors.newest();
  return std::max(known, options.min_revision);
}

// Reads with one request; nothing if that does not suffice.
asio::awaitable<std::optional<snapshot>> get_at_once(bucket_ptr bucket, std::vector<std::string> filters,
                                                     revision least, core::time_point until) {
  const std::shared_ptr<session> session = bucket->session;
  const std::string body = last_values::body_of(*bucket, filters);
  if (body.empty()) co_return std::nullopt;
  const duration time = until - session->now();
  last_values all(bucket);
  deadline_guard guard(session, until, [&all] { all.stop(); });
  all.begin(body, silence_of(*session, true, time).value_or(time));
  co_await wait(session, all.over());
  if (all.code()) throw failure(all.code(), all.words());
  if (all.is_refused()) bucket->forget_multi_get();
  if (all.is_too_wide()) bucket->wide.note(filters, true);
  if (!all.is_whole() || all.up_to() < least) co_return std::nullopt;
  snapshot found;
  found.revision = all.up_to();
  found.entries = all.take();
  std::erase_if(found.entries, [](const entry& e) { return e.operation() != operation::put; });
  co_return found;
}

// Far below the limits, so that a bucket near them does not change from one kind to the other with each call.
bool is_narrow(const newest_entries& all) {
  return all.size() < wide_filters::max_keys / 2 && all.bytes() < wide_filters::max_bytes / 2;
}

asio::awaitable<snapshot> get_by_consumer(bucket_ptr bucket, std::vector<std::string> filters,
                                          core::time_point until) {
  const std::string ancestor = jetstream::plan_filters(filters, false).server.front();
  newest_entries all = co_await list_newest(bucket, filters, until);
  jetstream::filter_set wanted;
  wanted.add_all(filters);
  std::size_t width = 1;
  while (true) {
    newer_entries newer = co_await read_newer(bucket, ancestor, all.seen() + 1, width, until);
    for (entry& e : newer.entries) {
      wanted.matches(e.key()) ? all.add(std::move(e), 0) : all.see(e.revision());
    }
    if (newer.end) break;
    width = newer.next_width;
  }
  if (bucket->wide.has(filters) && is_narrow(all)) bucket->wide.note(filters, false);
  snapshot found;
  found.revision = all.seen();
  found.entries = all.take_values();
  co_return found;
}

}  // namespace

asio::awaitable<snapshot> get_prefix(bucket_ptr bucket, std::vector<std::string> filters,
                                     get_options options) {
  const core::time_point until = deadline_of(*bucket->session, options.timeout);
  refuse(check_filters(filters));
  if (bucket->session->closing()) throw failure(client_error::closed, "the client was closed");
  std::optional<snapshot> found;
  if (is_any_replica(*bucket, options.consistency) && !bucket->wide.has(filters)) {
    const revision least = least_revision(*bucket, options);
    auto at_once = co_await get_at_once(bucket, filters, least, until);
    found = std::move(at_once);
  }
  if (!found) {
    if (bucket->session->now() >= until) throw failure(client_error::timeout, "the server does not answer");
    auto listed = co_await get_by_consumer(bucket, filters, until);
    found = std::move(listed);
  }
  const std::span<const entry> all(found->entries);
  for (const entry& e : all.last(std::min(all.size(), 2 * core::revision_floors::generation))) {
    bucket->floors.note(e.key(), e.revision());
  }
  co_return std::move(*found);
}

}  // namespace kvco::kv
