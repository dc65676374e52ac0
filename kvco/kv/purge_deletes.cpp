// Removes tombstones and the history before them. Other clients purge a key by its name, and with it values
// written since they looked; a sequence to stop at keeps those.
#include <kvco/kv/purge_deletes.hpp>

#include <chrono>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/listing.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/task.hpp>
#include <string>

namespace kvco::kv {
namespace {

asio::awaitable<std::uint64_t> purge_below(bucket_ptr bucket, std::string key, revision below,
                                           core::time_point until, progress* done) {
  if (below <= 1) co_return 0;  // nothing is; and servers before 2.14 take 1 for "all"
  api_request request{bucket->session->api().stream_purge(bucket->stream),
                      {},
                      jetstream::purge_request(bucket->key_prefix + key, below)};
  // Done twice it does nothing more: it is asked again as a read is.
  const api_reply reply = co_await call_with_retry(bucket, std::move(request), until, effect::read, done);
  done->end(true);
  auto purged = jetstream::parse_purged(reply.payload);
  if (!purged.ok()) purged.detail = detail::concat("key ", detail::printable(key), ": ", purged.detail);
  co_return take_value(*bucket, std::move(purged));
}

}  // namespace

asio::awaitable<std::uint64_t> purge_deletes(bucket_ptr bucket, purge_deletes_options options,
                                             progress* done) {
  const core::time_point until = deadline_of(*bucket->session, options.timeout);
  refuse(check_older_than(options.older_than));
  if (bucket->is_mirror()) {
    refuse({client_error::read_only,
            detail::concat("bucket ", bucket->name, " is a mirror: free it in its origin")});
  }
  const last_entries all = co_await list_deletions(bucket, until);
  const auto now = std::chrono::system_clock::now();
  std::uint64_t purged = 0;
  for (const auto& [key, last] : all) {
    // Who writes without kvco may have stored one that no request can name, or that would be a wildcard here.
    if (!jetstream::is_readable_key(key)) continue;
    const bool old = options.older_than.count() == 0 || now - last.created > options.older_than;
    purged += co_await purge_below(bucket, key, old ? last.rev + 1 : last.rev, until, done);
  }
  co_return purged;
}

}  // namespace kvco::kv
