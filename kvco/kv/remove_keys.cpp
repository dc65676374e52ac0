// Erases or purges all keys that match filters: a list, then many writes, each of the revision that the list has shown.
#include <kvco/kv/remove_keys.hpp>

#include <algorithm>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/texts.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/listing.hpp>
#include <kvco/kv/put_many.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/kv/write_operation.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// A marker with nothing before it is not written again.
bool is_wanted(const bucket_state& bucket, operation how, operation last) noexcept {
  if (last == operation::put) return true;
  return how == operation::purge && last == operation::erase && bucket.history > 1;
}

struct removals {
  detail::texts items;  // key, value, key, value...: the values are empty
  std::vector<revision> expected;
};

// In the order in which they were stored.
removals plan(const bucket_state& bucket, operation how, const last_entries& all) {
  std::vector<const last_entries::value_type*> due;
  std::size_t bytes = 0;
  for (const auto& each : all) {
    if (!is_wanted(bucket, how, each.second.op) || !jetstream::is_readable_key(each.first)) continue;
    due.push_back(&each);
    bytes += each.first.size();
  }
  std::sort(due.begin(), due.end(), [](auto* a, auto* b) { return a->second.rev < b->second.rev; });
  removals made{detail::texts(2 * due.size(), bytes), {}};
  made.expected.reserve(due.size());
  for (const auto* each : due) {
    made.items.add(each->first);
    made.items.add({});
    made.expected.push_back(each->second.rev);
  }
  return made;
}

// The first error, unless it is that a key was written since. Those that were removed stay so.
std::uint64_t count_removed(const std::vector<put_outcome>& outcomes) {
  std::uint64_t removed = 0;
  const put_outcome* failed = nullptr;
  for (const put_outcome& each : outcomes) {
    if (each.ok()) {
      ++removed;
    } else if (failed == nullptr && each.code() != errc::wrong_last_revision) {
      failed = &each;
    }
  }
  if (failed == nullptr) return removed;
  throw failure(failed->code(), detail::concat(failed->detail(), failed->detail().empty() ? "" : "; ",
                                               std::to_string(removed), " keys were removed"));
}

}  // namespace

asio::awaitable<std::uint64_t> remove_keys(bucket_ptr bucket, std::vector<std::string> filters, operation how,
                                           keys_options options, progress* done) {
  const core::time_point until = deadline_of(*bucket->session, options.timeout);
  const put_many_options limits{.timeout = options.timeout, .max_in_flight = options.max_in_flight};
  check_limits(limits);
  co_await ensure_writable(bucket, until, done);
  last_entries all = co_await list_last(bucket, std::move(filters), until);
  removals work = plan(*bucket, how, all);
  all.clear();
  header_of_item header = [expected = std::move(work.expected), how](std::size_t item) {
    write_request removal;
    removal.op = how;
    removal.expected = expected[item];
    return write_header(removal, {});
  };
  co_return count_removed(
      co_await write_many(bucket, std::move(work.items), std::move(header), limits, done));
}

}  // namespace kvco::kv
