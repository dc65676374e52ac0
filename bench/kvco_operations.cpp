// kvco's single operations: as many coroutines as shall be in flight, or callbacks by schedule.
#include <bench/key_turns.hpp>
#include <bench/kvco_contestant.hpp>

#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <stdexcept>
#include <vector>

namespace kvco::bench::kvco_works_of {
namespace {

enum class kind { put, get, update, mixed };

kind kind_of(const task& what) {
  if (what.work == "put") return kind::put;
  if (what.work == "get") return kind::get;
  return what.work == "update" ? kind::update : kind::mixed;
}

void check(const std::optional<entry>& e, const task& what) {
  if (!e || e->value().size() != what.value)
    throw std::runtime_error("get: it is not the value that was put");
}

/// Shared by the coroutines of a run.
struct running {
  running(kvco_client& client, const task& asked)
      : nats(client), bucket(client.bucket()), what(asked), turns(asked.keys), value(asked.value, 'v') {
    keys.reserve(what.keys);
    for (std::size_t i = 0; i < what.keys; ++i) keys.push_back(key_name(i));
  }

  kvco_client& nats;
  kvco::bucket& bucket;
  const task& what;
  key_turns turns;
  std::vector<std::string> keys;
  std::string value;
  std::size_t next = 0;
};

// --- many in flight: a coroutine for each ---------------------------------------------------------------

asio::awaitable<void> putter(running& state, meter& spent) {
  while (state.next < state.what.operations) {
    const std::string& key = state.keys[state.next++ % state.keys.size()];
    co_await state.bucket.put(key, state.value);
    spent.done();
  }
}

asio::awaitable<void> getter(running& state, meter& spent) {
  while (state.next < state.what.operations) {
    const std::string& key = state.keys[state.next++ % state.keys.size()];
    check(co_await state.bucket.get(key), state.what);
    spent.done();
  }
}

asio::awaitable<void> updater(running& state, meter& spent) {
  while (state.next < state.what.operations) {
    const std::size_t key = state.next++ % state.keys.size();
    revision& last = state.turns.revision(key);
    last = co_await state.bucket.update(state.keys[key], state.value, last);
    spent.done();
  }
}

asio::awaitable<void> mixer(running& state, meter& spent) {
  while (state.next < state.what.operations) {
    const std::size_t number = state.next++;
    const std::string& key = state.keys[number % state.keys.size()];
    if (is_put_of_mixed(number)) {
      co_await state.bucket.put(key, state.value);
    } else {
      check(co_await state.bucket.get(key), state.what);
    }
    spent.done();
  }
}

asio::awaitable<void> one_of(kind what, running& state, meter& spent) {
  switch (what) {
    case kind::put:
      return putter(state, spent);
    case kind::get:
      return getter(state, spent);
    case kind::update:
      return updater(state, spent);
    case kind::mixed:
      break;
  }
  return mixer(state, spent);
}

asio::awaitable<void> learn_revisions(running& state) {
  for (std::size_t i = state.next++; i < state.keys.size(); i = state.next++) {
    state.turns.revision(i) = co_await state.bucket.put(state.keys[i], state.value);
  }
}

outcome closed_loop(running& state) {
  meter spent(state.what.operations);
  state.nats.run([&] { return one_of(kind_of(state.what), state, spent); }, state.what.flight);
  return spent.finish();
}

// --- by schedule: a callback for each, however many are open -------------------------------------------

class by_schedule {
 public:
  explicit by_schedule(running& state)
      : state_(state),
        kind_(kind_of(state.what)),
        timer_(state.nats.reactor()),
        spent_(state.what.operations),
        plan_(state.what.rate) {}

  outcome run() {
    launch_due();
    state_.nats.run_until_stopped();
    outcome result = spent_.finish();
    result.latency = latency_;
    return result;
  }

 private:
  void launch_due() {
    while (state_.next < state_.what.operations && plan_.due(state_.next) <= clock::now()) {
      launch(state_.next++);
    }
    if (state_.next == state_.what.operations) return;
    timer_.expires_at(plan_.due(state_.next));
    timer_.async_wait([this](error_code) { launch_due(); });
  }

  void launch(std::size_t number) {
    const bool update = kind_ == kind::update;
    const std::size_t key = update ? state_.turns.begin(number) : number % state_.keys.size();
    const bool get = kind_ == kind::get || (kind_ == kind::mixed && !is_put_of_mixed(number));
    if (get) {
      state_.bucket.get(state_.keys[key], [this, number](error_code code, std::optional<entry> e) {
        if (!code) check(e, state_.what);
        done(number, code, 0);
      });
      return;
    }
    const auto written = [this, number](error_code code, revision rev) { done(number, code, rev); };
    if (update) {
      state_.bucket.update(state_.keys[key], state_.value, state_.turns.revision(key), written);
    } else {
      state_.bucket.put(state_.keys[key], state_.value, written);
    }
  }

  void done(std::size_t number, error_code code, revision rev) {
    if (code) throw boost::system::system_error(code);
    latency_.add(plan_.late(number, clock::now()));
    if (kind_ == kind::update) state_.turns.end(number, rev);
    spent_.done();
    if (++answered_ == state_.what.operations) state_.nats.stop();
  }

  running& state_;
  kind kind_;
  asio::steady_timer timer_;
  histogram latency_;
  std::size_t answered_ = 0;
  meter spent_;
  schedule plan_;
};

// --- contention -----------------------------------------------------------------------------------------

// A counter in one key: get, add one, update; who comes too late tries again with his next attempt.
asio::awaitable<void> count_up(running& state, meter& spent, std::size_t& won) {
  while (state.next < state.what.operations) {
    ++state.next;
    const std::optional<entry> e = co_await state.bucket.get(state.keys.front());
    if (!e) throw std::runtime_error("the counter is gone");
    std::size_t count = 0;
    std::from_chars(e->value().data(), e->value().data() + e->value().size(), count);
    auto [code, rev] =
        co_await state.bucket.update(state.keys.front(), std::to_string(count + 1), e->revision(), nothrow);
    if (code && code != errc::wrong_last_revision) throw boost::system::system_error(code);
    if (!code) ++won;
    spent.done();
  }
}

asio::awaitable<void> set_counter(running& state) { co_await state.bucket.put(state.keys.front(), "0"); }

asio::awaitable<void> check_counter(running& state, std::size_t won) {
  const std::optional<entry> e = co_await state.bucket.get(state.keys.front());
  if (!e || e->value() != std::to_string(won)) throw std::runtime_error("the counter lost an increment");
}

}  // namespace

outcome operations(kvco_client& nats, const task& what) {
  running state(nats, what);
  if (what.work == "update") nats.run([&] { return learn_revisions(state); }, 256);
  state.next = 0;
  if (what.rate == 0) return closed_loop(state);
  return by_schedule(state).run();
}

outcome contention(kvco_client& nats, const task& what) {
  running state(nats, what);
  nats.run([&] { return set_counter(state); });
  std::size_t won = 0;
  meter spent(what.operations);
  nats.run([&] { return count_up(state, spent, won); }, what.flight);
  const outcome result = spent.finish();
  nats.run([&] { return check_counter(state, won); });
  return result;
}

}  // namespace kvco::bench::kvco_works_of
