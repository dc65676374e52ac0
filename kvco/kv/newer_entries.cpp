// Reads the messages stored after a list was made: MSG.GET of the first message of a filter at or after each of the next revisions.
//
// Why the end is reliable: if m is the first message at or after n, no message exists between them, and none can be stored there
// later. So if no message follows the last one at some moment, all messages stored by then have been seen.
#include <kvco/kv/newer_entries.hpp>

#include <algorithm>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/task.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace kvco::kv {
namespace {

constexpr std::size_t max_width = 256;

struct round {
  round(const asio::any_io_executor& executor, std::size_t width)
      : replies(width), open(width), over(executor) {}
  std::vector<api_reply> replies;
  std::size_t open;
  signal over;
};

api_request request_of(const bucket_state& bucket, std::string_view filter, revision from) {
  return {bucket.session->api().message_get(bucket.stream),
          {},
          jetstream::next_by_subject_request(bucket.key_prefix + std::string(filter), from)};
}

std::optional<entry> entry_in(const bucket_state& bucket, const api_reply& reply) {
  const auto found = take_value(bucket, jetstream::parse_message_get(reply.payload, bucket.key_prefix));
  if (!found) return std::nullopt;
  return entry(found->fields);
}

asio::awaitable<std::vector<api_reply>> ask_at_once(bucket_ptr bucket, std::string filter, revision from,
                                                    std::size_t width, core::time_point until) {
  const std::shared_ptr<session> session = bucket->session;
  const auto asked = std::make_shared<round>(session->executor(), width);
  for (std::size_t i = 0; i < width; ++i) {
    call(session, request_of(*bucket, filter, from + i), until, effect::read, [asked, i](api_reply reply) {
      asked->replies[i] = std::move(reply);
      if (--asked->open == 0) asked->over.set();
    });
  }
  co_await wait(session, asked->over);
  co_return std::move(asked->replies);
}

// A leader answers the requests of its own clients in order, but possibly not those that come through other servers (srv:
// processJSAPIRoutedRequest): then only the answer to a single request proves the end.
bool keeps_order(const session& session) noexcept { return session.info().cluster.empty(); }

}  // namespace

asio::awaitable<std::optional<entry>> read_next(bucket_ptr bucket, std::string filter, revision from,
                                                core::time_point until) {
  const api_reply reply = co_await call_with_retry(bucket, request_of(*bucket, filter, from), until);
  co_return entry_in(*bucket, reply);
}

asio::awaitable<newer_entries> read_newer(bucket_ptr bucket, std::string filter, revision from,
                                          std::size_t width, core::time_point until) {
  newer_entries found;
  std::vector<api_reply> replies;
  if (width == 1) {
    replies.push_back(co_await call_with_retry(bucket, request_of(*bucket, filter, from), until));
  } else {
    replies = co_await ask_at_once(bucket, filter, from, width, until);
  }
  for (const api_reply& reply : replies) {
    // The next round has a single request, which waits for a leader.
    if (reply.code || jetstream::is_unavailable_for_now(reply.payload)) co_return found;
    std::optional<entry> next = entry_in(*bucket, reply);
    if (!next) {
      found.end = width == 1 || keeps_order(*bucket->session);
      co_return found;
    }
    if (next->revision() < from) continue;
    from = next->revision() + 1;
    found.entries.push_back(std::move(*next));
  }
  found.next_width = std::min(2 * width, max_width);
  co_return found;
}

}  // namespace kvco::kv
