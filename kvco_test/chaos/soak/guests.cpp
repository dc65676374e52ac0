// The clients of a soak: how they come, live and go. See the header.
#include <kvco_test/chaos/soak/guests.hpp>
#include <kvco_test/chaos/soak/witness.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t workers = 3;          // of each client
constexpr std::size_t most_in_flight = 24;  // of each client
constexpr std::size_t most_watches = 12;

}  // namespace

guests::guests(asio::io_context& reactor, std::string url, std::uint64_t seed, call_log& log,
               test::history& notes)
    : reactor_(reactor), url_(std::move(url)), random_(seed), log_(log), notes_(notes) {}

void guests::spawn(std::string name, asio::awaitable<void> what) {
  ++coroutines_;
  asio::co_spawn(reactor_, std::move(what), [this, name = std::move(name)](std::exception_ptr failure) {
    --coroutines_;
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      failures_.push_back(name + ": " + error.what());
    }
  });
}

asio::awaitable<void> guests::pause(duration time) {
  asio::steady_timer timer(reactor_, time);
  co_await timer.async_wait(asio::deferred);
}

asio::awaitable<void> guests::until(std::function<bool()> condition, duration longest) {
  const moment give_up = steady_clock::now() + longest;
  while (!condition() && steady_clock::now() < give_up) co_await pause(5ms);
}

// What a deadline takes: the turn of the clock, that of the session, and that of the handler.
asio::awaitable<void> guests::measure_lag() {
  while (!stopping_) {
    const moment due = steady_clock::now() + 10ms;
    co_await pause(10ms);
    for (int turn = 0; turn < 2; ++turn) co_await asio::post(reactor_, asio::deferred);
    const moment now = steady_clock::now();
    lag_ = std::max<duration>(lag_, now - due);
    if (now - due >= long_silence) late_.push_back({"the clients were late", lost_connection, due, now});
  }
}

// Some are far too short for a server that is busy: then there is no other cause than this.
duration guests::any_timeout() { return chance(0.05) ? milliseconds(any(20) + 1) : chance(0.3) ? 2s : 5s; }

asio::cancellation_type guests::any_cancellation() {
  constexpr asio::cancellation_type all[] = {
      asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total};
  return all[any(std::size(all))];
}

asio::awaitable<void> guests::cancel_later(call& which, std::shared_ptr<asio::cancellation_signal> signal) {
  if (chance(0.7)) co_await pause(std::chrono::microseconds(any(20'000)));
  if (which.completions != 0) co_return;
  which.may_abort = true;
  const asio::cancellation_type how = any_cancellation();
  how == asio::cancellation_type::total ? call_log::must_end_unchanged(which) : call_log::must_end(which);
  signal->emit(how);
}

void guests::arrive() {
  spawn("lag", measure_lag());
  for (std::size_t i = 0; i < count; ++i) spawn("guest", live());
}

asio::awaitable<void> guests::live() {
  while (!stopping_) {
    if (quiet_) {
      co_await pause(50ms);
      continue;
    }
    const auto mine = std::make_shared<visit>();
    co_await connect_to(mine);
    if (!mine->nats.is_connected()) {
      co_await pause(50ms);
      continue;
    }
    visits_.push_back(mine);
    open(mine);
    for (std::size_t i = 0; i < workers; ++i) spawn("worker", work(mine));
    const auto asked_to_leave = [this] { return stopping_; };
    co_await until(asked_to_leave, milliseconds(1000 + any(20'000)));
    const auto may_leave = [this] { return stopping_ || !quiet_; };
    co_await until(may_leave, 1h);
    depart(mine);
    visits_.remove(mine);
  }
}

asio::awaitable<void> guests::connect_to(visit_ptr whose) {
  config how(url_);
  how.name("soak").user("guest", "p").timeout(5s).connect_timeout(2s).ping_interval(1s);
  how.wait_for_connection(!chance(0.1));
  how.reconnect().initial_delay(5ms).max_delay(200ms).retry_refused_credentials(10s);
  call& noted = log_.begin("connect", 2s, {});
  start<client>(
      noted, whose, [&](auto handler) { connect(reactor_, how, std::move(handler)); },
      [whose](error_code code, client made) {
        if (!code) whose->nats = std::move(made);
      });
  const auto decided = [&noted] { return noted.completions != 0; };
  co_await until(decided, 10s);
}

asio::awaitable<void> guests::work(visit_ptr whose) {
  std::vector<double> weights;
  for (const operation_kind& one : table()) weights.push_back(one.weight);
  std::discrete_distribution<std::size_t> choose(weights.begin(), weights.end());
  while (!stopping_ && !whose->over) {
    co_await pause(milliseconds(5 + any(60)));
    if (quiet_ || stopping_ || whose->over || whose->in_flight >= most_in_flight) continue;
    if (!whose->has_kept || !whose->has_torn) {
      open(whose);
    } else if (chance(0.03) && watches_.size() < most_watches) {
      watch(whose);
    } else {
      (this->*table()[choose(random_)].begin)(whose);
    }
  }
}

// Each way to end a client ends what is pending; handles may go before it, or after.
void guests::depart(visit_ptr whose) {
  constexpr duration longest = 5s;
  whose->over = true;
  if (chance(0.3)) whose->kept = whose->torn = bucket();
  client leaving = std::exchange(whose->nats, client());
  const std::size_t way = any(3);
  if (way == 0) return;  // the last handle goes
  const client last = chance(0.5) ? leaving : client();
  const auto keeps = [last](error_code) {};
  if (way == 1) {
    start<>(
        log_.begin("close", longest), whose,
        [&](auto handler) { leaving.close({.timeout = longest}, std::move(handler)); }, keeps);
  } else {
    start<>(
        log_.begin("drain", longest), whose,
        [&](auto handler) { leaving.drain({.timeout = longest}, std::move(handler)); }, keeps);
  }
}

asio::awaitable<void> guests::leave(duration margin) {
  stopping_ = true;
  const std::list<watching_ptr> open_watches = watches_;
  for (const watching_ptr& one : open_watches) end_watch(one);
  const auto all_over = [this] { return log_.open == 0 && coroutines_ == 0; };
  co_await until(all_over, 10s + margin);
  visits_.clear();
}

}  // namespace kvco::chaos::soak
