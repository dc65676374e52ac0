// A command that kvco runs. See the header.
#include <kvco/cli/child.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include <sys/wait.h>

namespace kvco::cli {

using namespace asio::experimental::awaitable_operators;

child::child(asio::any_io_executor executor, const std::vector<std::string>& words, const variables& more,
             int input)
    : changes_(executor, SIGCHLD), stops_(executor, SIGTSTP), pid_(start(words, more, input)) {
  pass_on_stops();
}

child::~child() {
  if (!is_over_) ::kill(-pid_, SIGKILL);
  if (!code_) ::waitpid(pid_, nullptr, 0);
}

asio::awaitable<int> child::ended() {
  while (!has_ended()) co_await changes_.async_wait(asio::deferred);
  co_return *code_;
}

asio::awaitable<void> child::end(std::chrono::nanoseconds time) {
  signal(SIGTERM);
  asio::steady_timer timer(changes_.get_executor());
  timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(time));
  const auto first = co_await (ended() || timer.async_wait(asio::use_awaitable));
  if (first.index() == 0) co_return;
  signal(SIGKILL);
  co_await ended();
}

void child::signal(int number) {
  if (is_over_) return;
  waits_for_all_ = number != SIGKILL;  // which needs no time
  ::kill(-pid_, number);
  ::kill(-pid_, SIGCONT);  // one that is stopped would not get it
}

bool child::has_ended() {
  if (is_over_) return true;
  take_changes();
  is_over_ = code_ && (!waits_for_all_ || ::kill(-pid_, 0) != 0);
  if (is_over_) terminal_.take_back();
  return is_over_;
}

// Those that the command has left behind have become children of kvco: start().
void child::take_changes() {
  int status = 0;
  for (pid_t of = 0; (of = ::waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) {
    if (of != pid_) continue;
    if (WIFSTOPPED(status)) {
      follow_stop(WSTOPSIG(status));
    } else {
      code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
}

// As a shell does it with a job: one that wants the terminal gets it; ^Z, or the terminal where kvco has it not either, stops both.
void child::follow_stop(int signal) {
  if (signal != SIGTTIN && signal != SIGTTOU && signal != SIGTSTP) return;  // by someone else
  if (signal == SIGTSTP || !terminal_.give_to(pid_)) {
    const bool had_it = terminal_.take_back();
    ::raise(SIGSTOP);  // until someone else continues kvco
    if (had_it || signal != SIGTSTP) terminal_.give_to(pid_);
  }
  ::kill(-pid_, SIGCONT);
}

void child::pass_on_stops() {
  stops_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (!is_over_) ::kill(-pid_, number);
    pass_on_stops();
  });
}

soft_interruption passed_on(interruption& signals, std::shared_ptr<child> to) {
  return soft_interruption(
      signals, [to](int number) { to->signal(number); }, [to](int) { to->signal(SIGKILL); });
}

}  // namespace kvco::cli
