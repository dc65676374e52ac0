// A pause in a longer operation.
#include <kvco/net/pause.hpp>

#include <kvco/net/quietly.hpp>
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

}  // namespace

asio::awaitable<void> pause(std::shared_ptr<session> session, core::time_point until) {
  alarm clock(session->executor());
  struct disarm {
    net::session& session;
    alarm& clock;
    ~disarm() {
      session.clear_deadline(clock);
      session.remove_pause(clock.rung);
    }
  } guard{*session, clock};
  session->add_pause(clock.rung);
  session->set_deadline(clock, until);
  co_await clock.rung.wait(quietly);
  if (session->terminated()) throw failure(asio::error::operation_aborted, "the client was closed");
}

asio::awaitable<void> wait(std::shared_ptr<session> session, signal& what) {
  struct leave {
    net::session& session;
    signal& what;
    ~leave() { session.remove_pause(what); }
  } guard{*session, what};
  session->add_pause(what);
  const auto [code] = co_await what.wait(quietly);
  if (code) throw failure(code);
}

}  // namespace kvco::net
