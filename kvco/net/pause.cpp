// A pause in a longer operation.
#include <kvco/net/pause.hpp>

#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/task.hpp>

namespace kvco::net {
namespace {

struct alarm final : core::timed {
  explicit alarm(const asio::any_io_executor& executor) : rung(executor) {}
  void on_deadline(core::time_point) override { rung.set(); }
  signal rung;
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

// No bell rings once the client is closed: an operation that would wait then fails at once.
void require_open(const session& session) {
  if (session.terminated()) throw failure(asio::error::operation_aborted, "the client was closed");
}

}  // namespace

asio::awaitable<void> pause(std::shared_ptr<session> session, core::time_point until, bell* early) {
  require_open(*session);
  alarm clock(session->executor());
  struct disarm {
    net::session& session;
    alarm& clock;
    ~disarm() { session.clear_deadline(clock); }
  } guard{*session, clock};
  const ends_with_session member(*session, clock.rung);
  pausing hears(clock.rung);
  if (early != nullptr) early->listen(hears);
  session->set_deadline(clock, until);
  co_await clock.rung.wait(as_tuple_deferred);
  require_open(*session);
}

asio::awaitable<void> wait(std::shared_ptr<session> session, signal& what) {
  require_open(*session);
  const ends_with_session member(*session, what);
  const auto [code] = co_await what.wait(as_tuple_deferred);
  if (code) throw failure(code);
}

}  // namespace kvco::net
