// flush, rtt, close: operations that wait for a PONG.
#include <kvco/net/closing.hpp>

#include <algorithm>
#include <kvco/detail/concat.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/deadline_guard.hpp>
#include <kvco/net/ping.hpp>
#include <kvco/net/task.hpp>
#include <kvco/net/timeouts.hpp>
#include <utility>

namespace kvco::net {
namespace {

// Ts is empty for flush, duration for rtt.
template <class... Ts>
class pong_operation final : public detail::operation<Ts...>, public ping_operation {
 public:
  pong_operation(std::shared_ptr<session> owner, duration timeout, diagnostics* to,
                 purpose why = purpose::ping)
      : ping_operation(owner, timeout_or_default(*owner, timeout), why), to_(to) {}
  /// The flush before the end: from its beginning on nothing else begins.
  static detail::operation_ptr<> make_last(std::shared_ptr<session> owner, duration timeout,
                                           diagnostics& to) {
    return std::make_unique<pong_operation>(std::move(owner), timeout, &to, purpose::close);
  }

  void start(detail::handler_ptr<Ts...> completion) noexcept override {
    completion_ = std::move(completion);
    slot_.connect(completion_, this);
    if (auto refused = check_timeout(timeout_)) return done(refused.code, std::move(refused.detail));
    begin();
  }
  const asio::any_io_executor& executor() const noexcept override { return session_->executor(); }
  void cancel() noexcept { done(asio::error::operation_aborted, {}); }

 private:
  void run() override {
    const std::unique_ptr<pong_operation> self(this);
    slot_.clear();
    diagnostics known{.text = std::move(detail_)};
    if constexpr (sizeof...(Ts) == 0) {
      complete<>(std::move(completion_), code_, std::move(known), to_);
    } else {
      complete<duration>(std::move(completion_), code_, std::move(known), to_, duration(round_trip_));
    }
  }
  void abandon() noexcept override {
    withdraw();
    delete this;
  }

  diagnostics* to_;
  detail::handler_ptr<Ts...> completion_;
  slot_link slot_;
};

// Flush, FIN, and the end. Where another call has brought that about, it is only waited for.
asio::awaitable<detail::refusal> finish(std::shared_ptr<session> session, duration timeout) {
  error_code code;
  diagnostics known;
  if (session->ready() && !session->terminated()) {
    auto flush = pong_operation<>::make_last(session, timeout, known);
    std::tie(code) = co_await detail::initiate(std::move(flush), as_tuple_deferred);
    if (code == asio::error::operation_aborted && session->terminated())
      code = {};  // another call was faster
  }
  session->terminate();
  std::ignore = co_await session->finished().wait(as_tuple_deferred);
  co_return detail::refusal{code, std::move(known.text)};
}

}  // namespace

detail::operation_ptr<> make_flush(std::shared_ptr<session> session, const request_options& options) {
  return std::make_unique<pong_operation<>>(std::move(session), options.timeout, options.diag);
}

detail::operation_ptr<duration> make_rtt(std::shared_ptr<session> session, const request_options& options) {
  return std::make_unique<pong_operation<duration>>(std::move(session), options.timeout, options.diag);
}

asio::awaitable<void> close(std::shared_ptr<session> session, duration timeout) {
  refuse(check_timeout(timeout));
  refuse(co_await finish(std::move(session), timeout));
}

asio::awaitable<void> drain(std::shared_ptr<session> session, duration timeout) {
  const core::time_point until = deadline_of(*session, timeout);
  if (session->terminated()) {
    std::ignore = co_await session->finished().wait(as_tuple_deferred);
    co_return;
  }
  // Even if it is cancelled: a client that accepts no new operations has no other end.
  struct end {
    std::shared_ptr<net::session> session;
    ~end() { session->terminate(); }
  } guard{session};
  session->drain_members();
  session->begin_close();
  {
    const deadline_guard late(session, until, [&] { session->idle().set(); });
    std::ignore = co_await session->idle().wait(as_tuple_deferred);
  }
  if (session->terminated()) throw failure(asio::error::operation_aborted, "the client was closed");
  const std::size_t unanswered = session->pending();
  const duration left = std::max<duration>(until - session->now(), std::chrono::milliseconds(100));
  detail::refusal failed = co_await finish(session, left);
  if (unanswered != 0) {
    throw failure(
        client_error::timeout,
        detail::concat(std::to_string(unanswered), unanswered == 1 ? " operation was" : " operations were",
                       " not answered until the deadline"));
  }
  refuse(std::move(failed));
}

}  // namespace kvco::net
