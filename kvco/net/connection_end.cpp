// The end of a connection: by an error, by its deadlines, by the user, or because the server leaves.
#include <kvco/net/connection.hpp>
#include <kvco/net/session.hpp>
#include <utility>

namespace kvco::net {
namespace {

// A server in lame duck mode stays for 10 s at least (its lame_duck_grace_period).
constexpr auto max_leave = std::chrono::seconds(5);

}  // namespace

void connection::fail(error_code why, std::string words) {
  if (!code) {
    code = why;
    detail = std::move(words);
  }
  stream->close();
  closed = true;
  has_output_.set();
  interrupted.set();
}

void connection::leave(std::string why) {
  // One that cannot be written ends soon, with that reason.
  if (!unwritable_.empty() || std::exchange(leaving, true)) return;
  why_leave_ = std::move(why);
  session_.set_deadline(*this, session_.now() + max_leave);
  session_.send_ping(*this);
}

void connection::on_pong(core::time_point) {
  all_read_ = true;
  leave_if_idle();
}

void connection::leave_if_idle() {
  if (leaving && all_read_ && session_.inbox().size() == 0) fail(client_error::connection_lost, why_leave_);
}

void connection::finish() noexcept {
  if (!link.ready()) return fail(client_error::closed, {});
  finishing_ = true;
  has_output_.set();
  session_.set_deadline(*this, session_.now() + last_words);
}

void connection::begin_clock() noexcept { session_.set_deadline(*this, link.deadline()); }
void connection::stop_clock() noexcept { session_.clear_deadline(*this); }

void connection::on_deadline(core::time_point now) {
  if (finishing_) return fail(client_error::closed, "the server did not close after the client did");
  if (leaving) return fail(client_error::connection_lost, why_leave_);
  if (!unwritable_.empty()) return fail(client_error::connection_lost, unwritable_);
  if (const error_code failed = link.on_time(now)) return fail(failed, link.detail());
  begin_clock();
  if (!out.empty()) session_.has_output();
}

void connection::abandon() noexcept {
  has_output_.abandon();
  interrupted.abandon();
}

}  // namespace kvco::net
