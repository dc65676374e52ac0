#include <kvco/kv/jetstream_request.hpp>

#include <kvco/core/message_rules.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {

asio::awaitable<std::string> jetstream_request(std::shared_ptr<session> session, std::string subject,
                                               std::string payload, duration timeout, progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  refuse(core::check_subject(subject));
  api_request request{session->api().of(subject), {}, std::move(payload)};
  api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::write, done);
  if (reply.code) throw failure(reply.code, std::move(reply.detail));
  auto refused = jetstream::find_error(reply.payload);
  if (refused.code) throw failure(refused.code, std::move(refused.detail));
  co_return std::move(reply.payload);
}

}  // namespace kvco::kv
