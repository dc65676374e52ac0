// Questions about the account of a session.
#include <kvco/kv/account.hpp>

#include <kvco/jetstream/account.hpp>
#include <kvco/kv/client_state.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {

asio::awaitable<account_info> get_account_info(std::shared_ptr<session> session, duration timeout,
                                               progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  api_request request{session->api().account_info(), {}, {}};
  const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::read, done);
  auto info = jetstream::parse_account_info(reply.payload);
  if (!info.ok()) throw failure(info.code, std::move(info.detail));
  co_return std::move(info.value);
}

asio::awaitable<capabilities> get_capabilities(std::shared_ptr<session> session, duration timeout,
                                               progress* done) {
  client_state& kept = client_state::of(*session);
  if (session->ready() && kept.known_since == session->counters().reconnects) co_return kept.known;
  const account_info account = co_await get_account_info(session, timeout, done);
  const std::string version = session->is_version_of_jetstream() ? session->info().version : std::string();
  const capabilities found(account.api_level, version);
  client_state& now = client_state::of(*session);
  now.known = found;
  now.known_since = session->counters().reconnects;
  co_return found;
}

}  // namespace kvco::kv
