// The buckets of an account, page by page.
#include <kvco/kv/bucket_pages.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/buckets.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// Servers have waited longer for the state of these.
constexpr auto patience_with_missing = std::chrono::seconds(2);

bucket_status only_name(std::string_view name) {
  bucket_status status;
  status.config = bucket_config(name);
  return status;
}

bool is_gone(const error_code& code) { return code == errc::bucket_not_found || code == errc::not_a_bucket; }

jetstream::outcome<jetstream::stream_page> parse_names(std::string_view json) {
  auto names = jetstream::parse_stream_names(json);
  jetstream::outcome<jetstream::stream_page> page{{}, names.code, std::move(names.detail)};
  page.value.streams = names.value.names.size();
  page.value.total = names.value.total;
  for (const std::string& stream : names.value.names) {
    const auto name = jetstream::bucket_of_stream(stream);
    if (!jetstream::check_bucket_name(name)) page.value.buckets.push_back(only_name(name));
  }
  return page;
}

}  // namespace

// The server gives 256 configurations, or 1024 names, at a time.
asio::awaitable<jetstream::stream_page> bucket_pages::ask_for_page(core::time_point until, progress* done) {
  api_request request{
      by_names_ ? session_->api().stream_names() : session_->api().stream_list(),
      {},
      by_names_ ? jetstream::stream_page_request(offset_) : jetstream::all_streams_request(offset_)};
  const api_reply reply = co_await call_with_retry(session_, std::move(request), until, effect::read, done);
  auto page = by_names_ ? parse_names(reply.payload) : jetstream::parse_stream_page(reply.payload);
  if (!page.ok()) throw failure(page.code, std::move(page.detail));
  co_return std::move(page.value);
}

// Fewer streams than before: those behind the deleted ones have moved towards the beginning, by at most this.
bool bucket_pages::go_back(std::uint64_t total) noexcept {
  const std::uint64_t before = std::exchange(total_, total);
  if (offset_ == 0 || before <= total) return false;
  offset_ -= std::min(offset_, before - total);
  return true;
}

asio::awaitable<void> bucket_pages::load(core::time_point until, progress* done) {
  jetstream::stream_page page;
  bool denied = false;
  try {
    page = co_await ask_for_page(until, done);
  } catch (const failure& refused) {
    denied = refused.code() == client_error::permission_denied && wanted_ == content::names && !by_names_;
    if (!denied) throw;
  }
  if (denied) {  // a user without permission to request configurations gets the result of the names
    by_names_ = true;
    offset_ = total_ = 0;
    co_return;
  }
  if (go_back(page.total)) co_return;
  offset_ += page.streams;
  at_end_ = page.streams == 0 || offset_ >= page.total;
  for (bucket_status& each : page.buckets) there_.push_back(std::move(each));
  for (std::string& each : page.missing) missing_.push_back(std::move(each));
}

// Asks for the next one that no server has reported, a last time: the one after it is next, whatever the answer. Only an error that is
// not about it (no connection, a cancelled call) leaves it where it is. Returns nothing if it has been deleted meanwhile.
asio::awaitable<std::optional<bucket_status>> bucket_pages::next_missing(core::time_point until,
                                                                         progress* done) {
  if (wanted_ == content::names) co_return only_name(take_missing());
  const core::time_point limit = std::min(until, session_->now() + patience_with_missing);
  try {
    auto info = co_await inspect(session_, missing_.front(), limit, done);
    missing_.pop_front();
    co_return std::move(info.status);
  } catch (const failure& why) {
    const bool silent = why.code() == client_error::timeout && session_->ready();
    const bool answered = why.code().category() == jetstream_category() || is_gone(why.code()) ||
                          why.code() == client_error::permission_denied;
    if (!silent && !answered && why.code() != client_error::no_responders) throw;
    const std::string name = take_missing();
    if (is_gone(why.code())) co_return std::nullopt;
    if (answered) throw;
    co_return only_name(name);
  }
}

std::string bucket_pages::take_missing() {
  std::string name = std::move(missing_.front());
  missing_.pop_front();
  return name;
}

asio::awaitable<std::optional<bucket_status>> bucket_pages::next(core::time_point until, progress* done) {
  while (true) {
    std::optional<bucket_status> found;
    if (!there_.empty()) {
      found = std::move(there_.front());
      there_.pop_front();
    } else if (!missing_.empty()) {
      found = co_await next_missing(until, done);
    } else if (at_end_) {
      co_return std::nullopt;
    } else {
      co_await load(until, done);
    }
    if (found && seen_.insert(found->config.name()).second) co_return found;
  }
}

}  // namespace kvco::kv
