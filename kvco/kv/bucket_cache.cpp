// client::key_value(): the buckets that a client has opened once for all of its program.
#include <kvco/kv/bucket_cache.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/compare_config.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/buckets.hpp>
#include <kvco/kv/client_state.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/task.hpp>
#include <kvco/net/timeouts.hpp>
#include <utility>

namespace kvco::kv {
namespace {

bool is_gone(const error_code& why) noexcept {
  return why && (why == errc::bucket_not_found || why == errc::not_a_bucket || why == errc::bucket_deleted ||
                 why == errc::bucket_recreated);
}

}  // namespace

bucket_cache& bucket_cache::of(session& owner) { return client_state::of(owner).buckets; }

std::shared_ptr<bucket_cache::search> bucket_cache::find(std::string_view name) const {
  const auto found = all_.find(name);
  return found == all_.end() ? nullptr : found->second;
}

void bucket_cache::begin(const std::string& name, std::shared_ptr<search> which) {
  all_.insert_or_assign(name, std::move(which));
}

void bucket_cache::drop(const std::string& name, const search& which) noexcept {
  const auto found = all_.find(name);
  if (found != all_.end() && found->second.get() == &which) all_.erase(found);
}

void bucket_cache::renew(const bucket_config& config) {
  if (const auto kept = find(config.name())) kept->config = config;
}

void bucket_cache::forget(std::string_view name) noexcept {
  const auto found = all_.find(name);
  if (found != all_.end()) all_.erase(found);
}

void bucket_cache::note_error(session& owner, std::string_view name, const error_code& why) noexcept {
  if (!is_gone(why)) return;
  const auto found = bucket_cache::of(owner).find(name);
  if (found && found->over) bucket_cache::of(owner).forget(name);
}

void bucket_cache::note_error(const bucket_state& bucket, const error_code& why) noexcept {
  if (!is_gone(why)) return;
  const auto found = bucket_cache::of(*bucket.session).find(bucket.name);
  if (found && found->bucket.get() == &bucket) bucket_cache::of(*bucket.session).forget(bucket.name);
}

void bucket_cache::release() noexcept {
  const auto released = std::exchange(all_, {});  // a bucket may be the last to keep the session
}

namespace {

using search_ptr = std::shared_ptr<bucket_cache::search>;

// The others that wait have their own deadlines, and may still get an answer.
bool concerns_one_call(const error_code& code) {
  return code == client_error::timeout || code == client_error::no_responders ||
         code == client_error::outcome_unknown || code == asio::error::operation_aborted || code == no_memory;
}

// Opened as it is, or created. Most programs find their buckets there: this asks first.
asio::awaitable<jetstream::stream_info> find_or_create(std::shared_ptr<session> session, bucket_config config,
                                                       bool declare, core::time_point until, progress* done) {
  try {
    co_return co_await inspect(session, config.name(), until, done);
  } catch (const failure& missing) {
    if (!declare || missing.code() != errc::bucket_not_found) throw;
  }
  try {
    co_return co_await create_stream(session, config, until, done);
  } catch (const failure& refused) {
    if (refused.code() != errc::bucket_exists) throw;  // another client was faster
  }
  co_return co_await inspect(session, config.name(), until, done);
}

// The search of one call, for all that wait: it ends with its scope, however that is left.
class search_scope {
 public:
  search_scope(std::shared_ptr<session> owner, std::string name, std::string asked)
      : session_(std::move(owner)),
        name_(std::move(name)),
        search_(std::make_shared<bucket_cache::search>()) {
    search_->asked = std::move(asked);
    bucket_cache::of(*session_).begin(name_, search_);
  }
  search_scope(const search_scope&) = delete;
  search_scope& operator=(const search_scope&) = delete;
  ~search_scope() {
    search_->over = true;
    if (session_->abandoned()) return;
    if (!search_->bucket || session_->terminated()) bucket_cache::of(*session_).drop(name_, *search_);
    search_->ended.notify();
  }
  const search_ptr& result() const noexcept { return search_; }

 private:
  std::shared_ptr<session> session_;
  std::string name_;
  search_ptr search_;
};

asio::awaitable<search_ptr> run_search(std::shared_ptr<session> session, bucket_config config,
                                       std::string asked, core::time_point until, progress* done) {
  const bool declare = !asked.empty();
  const search_scope mine(session, config.name(), std::move(asked));
  const search_ptr result = mine.result();
  try {
    auto info = co_await find_or_create(session, std::move(config), declare, until, done);
    result->config = info.status.config;
    result->bucket = co_await make_bucket(session, std::move(info), until, done);
  } catch (const failure& why) {
    if (concerns_one_call(why.code())) throw;
    result->failed = {why.code(), why.words()};
  }
  result->concerns_all = true;
  co_return result;
}

asio::awaitable<void> wait_for(std::shared_ptr<session> session, search_ptr other, std::string name,
                               core::time_point until) {
  while (!other->over) {
    if (session->now() >= until) {
      throw failure(client_error::timeout,
                    detail::concat("another call has not found bucket ", name, " yet"));
    }
    co_await pause(session, until, &other->ended);
  }
}

// A bucket is for all that wait, a failure for those that have asked for the same.
bool is_for(const bucket_cache::search& found, std::string_view asked) {
  return found.concerns_all && (found.bucket || found.asked == asked);
}

void check_same(const bucket_config& asked, const bucket_config& bucket) {
  const std::string differing = jetstream::differences(asked, bucket, false);
  if (differing.empty()) return;
  throw failure(client_error::bucket_differs, detail::concat("bucket ", asked.name(), ": ", differing));
}

}  // namespace

asio::awaitable<bucket_ptr> key_value(std::shared_ptr<session> session, bucket_config config,
                                      key_value_options options, progress* done) {
  const core::time_point until = deadline_of(*session, options.timeout);
  refuse(jetstream::check_bucket_config(config));
  if (session->closing()) throw failure(client_error::closed, "the client was closed");
  const std::string asked = options.declare ? jetstream::stream_config_request(config) : std::string();
  search_ptr found;
  while (!found || !is_for(*found, asked)) {
    found = bucket_cache::of(*session).find(config.name());
    if (found) {
      co_await wait_for(session, found, config.name(), until);
    } else {
      found = co_await run_search(session, config, asked, until, done);
    }
  }
  refuse(found->failed);
  check_same(config, found->config);
  co_return found->bucket;
}

}  // namespace kvco::kv
