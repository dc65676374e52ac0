// keys and history are watches that end after the initial data.
#include <kvco/kv/listing.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/kv/watch_next.hpp>
#include <kvco/kv/watch_plan.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/deadline_guard.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// A key that others write while it is listed may come again: behind the boundary the last word counts.
class key_list {
 public:
  void add(const entry& e, revision boundary) {
    if (!jetstream::is_readable_key(e.key())) return;  // it could be neither read nor removed
    if (e.revision() > boundary) {
      note_late(e);
    } else if (e.operation() == operation::put) {
      keys_.emplace_back(e.key());
    }
  }

  std::vector<std::string> take() {
    if (late_.empty()) return std::move(keys_);
    std::erase_if(keys_, [this](const std::string& key) { return late_.contains(key); });
    for (auto& [key, has_value] : late_) {
      if (has_value) keys_.push_back(key);
    }
    return std::move(keys_);
  }

 private:
  void note_late(const entry& e) noexcept { late_[std::string(e.key())] = e.operation() == operation::put; }

  std::vector<std::string> keys_;
  absl::flat_hash_map<std::string, bool> late_;
};

// The delay if a list stops at a revision that was purged meanwhile, or if its node fails (twice the delay
// for the latter). A list is too short for the heartbeats of an idle watch to cost anything.
constexpr duration list_heartbeat = std::chrono::seconds(1);

// Ends its watch. It is no handle: a list does not keep the connection.
class listed_watch {
 public:
  explicit listed_watch(std::shared_ptr<watch> state) : state_(std::move(state)) {}
  listed_watch(const listed_watch&) = delete;
  listed_watch& operator=(const listed_watch&) = delete;
  ~listed_watch() {
    if (!state_->owner()->abandoned()) state_->close();
  }

 private:
  std::shared_ptr<watch> state_;
};

// Gives each entry of the initial data to `visit`, within the time. The stream's last revision when that began.
template <class Visit>
asio::awaitable<revision> read_all(bucket_ptr bucket, std::vector<std::string> filters, watch_options options,
                                   core::time_point until, Visit& visit) {
  options.heartbeat = list_heartbeat;
  // The deadline that counts is the guard's.
  const duration time = std::max<duration>(until - bucket->session->now(), std::chrono::nanoseconds(1));
  const bool is_key = options.include_history && jetstream::is_readable_key(filters.front());
  const std::shared_ptr<watch> state = begin_watch(*bucket, std::move(filters), options, time, is_key);
  const listed_watch all(state);
  deadline_guard guard(bucket->session, until,
                       [state] { state->expire("the list was not complete in time"); });
  while (true) {
    auto got = co_await detail::initiate(prepare_next_batch(state, SIZE_MAX), as_tuple_deferred);
    auto& [code, batch] = got;
    if (code) throw failure(code, state->detail());
    if (!batch) co_return state->boundary();
    for (entry& e : *batch) visit(e, state->boundary());
  }
}

}  // namespace

asio::awaitable<std::vector<std::string>> list_keys(bucket_ptr bucket, std::vector<std::string> filters,
                                                    duration timeout) {
  const core::time_point until = deadline_of(*bucket->session, timeout);
  key_list keys;
  // Before 2.10 a server may send the revisions after a key that is purged meanwhile, whether they are the
  // last of their keys or not.
  const auto visit = [&](entry& e, revision boundary) {
    keys.add(e, bucket->session->knows_filter_lists() ? boundary : 0);
  };
  co_await read_all(bucket, std::move(filters), {.meta_only = true, .initial_only = true}, until, visit);
  co_return keys.take();
}

asio::awaitable<newest_entries> list_newest(bucket_ptr bucket, std::vector<std::string> filters,
                                            core::time_point until) {
  newest_entries found;
  const auto visit = [&](entry& e, revision boundary) {
    found.add(std::move(e), bucket->session->knows_filter_lists() ? boundary : 0);
  };
  found.see(co_await read_all(bucket, std::move(filters), {.initial_only = true}, until, visit));
  co_return found;
}

asio::awaitable<last_entries> list_last(bucket_ptr bucket, std::vector<std::string> filters,
                                        core::time_point until) {
  last_entries found;
  const auto visit = [&found](entry& e, revision) noexcept {
    found[std::string(e.key())] = {e.revision(), e.operation(), e.created()};
  };
  co_await read_all(bucket, std::move(filters), {.meta_only = true, .initial_only = true}, until, visit);
  co_return found;
}

asio::awaitable<last_entries> list_deletions(bucket_ptr bucket, core::time_point until) {
  last_entries found;
  const auto visit = [&found](entry& e, revision) noexcept {
    if (e.operation() == operation::put) {
      found.erase(std::string(e.key()));
    } else {
      found[std::string(e.key())] = {e.revision(), e.operation(), e.created()};
    }
  };
  std::vector<std::string> all{">"};
  co_await read_all(bucket, std::move(all), {.meta_only = true, .initial_only = true}, until, visit);
  co_return found;
}

asio::awaitable<std::vector<entry>> list_history(bucket_ptr bucket, std::string key, duration timeout) {
  const core::time_point until = deadline_of(*bucket->session, timeout);
  refuse(jetstream::check_readable_key(key));
  std::vector<entry> revisions;
  const auto visit = [&revisions](entry& e, revision) { revisions.push_back(std::move(e)); };
  const auto id = core::revision_floors::id_of(key);
  std::vector<std::string> one{std::move(key)};
  co_await read_all(bucket, std::move(one), {.include_history = true, .initial_only = true}, until, visit);
  if (!revisions.empty()) bucket->floors.note(id, revisions.back().revision());
  co_return revisions;
}

asio::awaitable<bucket_status> read_status(bucket_ptr bucket, duration timeout, progress* done) {
  const core::time_point until = deadline_of(*bucket->session, timeout);
  auto info = co_await inspect_again(bucket, until, done);
  co_return std::move(info.status);
}

}  // namespace kvco::kv
