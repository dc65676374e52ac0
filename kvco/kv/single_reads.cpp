// One entry of a key: at a revision or after it, or at a time.
#include <kvco/kv/single_reads.hpp>

#include <kvco/jetstream/keys.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/listing.hpp>
#include <kvco/kv/newer_entries.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {

asio::awaitable<std::optional<entry>> get_at_or_after(bucket_ptr bucket, std::string key, revision at,
                                                      duration timeout) {
  const core::time_point until = deadline_of(*bucket->session, timeout);
  refuse(jetstream::check_readable_key(key));
  refuse(check_revision(at));
  auto next = co_await read_next(std::move(bucket), key, at, until);
  if (next && next->key() != key) next.reset();
  co_return next;
}

// Servers from 2.11 on know a time in a request; the history is there on all, and no longer than 64 entries.
asio::awaitable<std::optional<entry>> get_as_of(bucket_ptr bucket, std::string key,
                                                std::chrono::system_clock::time_point when,
                                                duration timeout) {
  std::vector<entry> all = co_await list_history(std::move(bucket), std::move(key), timeout);
  while (!all.empty() && all.back().created() > when) all.pop_back();
  if (all.empty() || all.back().operation() != operation::put) co_return std::nullopt;
  co_return std::move(all.back());
}

}  // namespace kvco::kv
