// A pause in a longer operation.
#include <kvco/net/pause.hpp>

#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/task.hpp>

namespace kvco::net {
namespace {

struct pause_timer final : core::timed {
  explicit pause_timer(const asio::any_io_executor& executor) : over(executor) {}
  void on_deadline(core::time_point) override { over.set(); }
  signal over;
};

// Ends a wait with its session.
class ends_with_session final : public session_member {
 public:
  ends_with_session(session& of, signal& what) noexcept : what_(what) { of.add(*this); }

 private:
  void end(error_code, const std::string&) noexcept override { what_.set(); }
  void abandon() noexcept override { what_.abandon(); }

  signal& what_;
};

// There is no broadcast after the client was closed: an operation that would wait for one then fails at once.
void require_open(const session& session) {
  if (session.terminated()) throw failure(asio::error::operation_aborted, "the client was closed");
}

}  // namespace

asio::awaitable<void> pause(std::shared_ptr<session> session, core::time_point until, broadcast* early) {
  require_open(*session);
  pause_timer clock(session->executor());
  struct disarm {
    net::session& session;
    pause_timer& clock;
    ~disarm() { session.clear_deadline(clock); }
  } guard{*session, clock};
  const ends_with_session member(*session, clock.over);
  broadcast_listener listener(clock.over);
  if (early != nullptr) early->listen(listener);
  session->set_deadline(clock, until);
  co_await clock.over.wait(as_tuple_deferred);
  require_open(*session);
}

asio::awaitable<void> wait(std::shared_ptr<session> session, signal& what) {
  require_open(*session);
  const ends_with_session member(*session, what);
  const auto [code] = co_await what.wait(as_tuple_deferred);
  if (code) throw failure(code);
}

}  // namespace kvco::net
