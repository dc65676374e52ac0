// The clients of a run: how they come and go. See the header.
#include <kvco_test/chaos/crowd.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>

namespace kvco::chaos {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::size_t workers_of_a_kind = 2;  // of each kind and client

}  // namespace

crowd::crowd(asio::io_context& reactor, site& where, const options& wanted, history& notes)
    : reactor_(reactor), site_(where), options_(wanted), notes_(notes), random_(wanted.seed) {}

void crowd::spawn(std::string name, asio::awaitable<void> what) {
  asio::co_spawn(reactor_, std::move(what), [this, name = std::move(name)](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      failures_.push_back(name + ": " + error.what());
    }
  });
}

asio::awaitable<void> crowd::pause(duration time) {
  asio::steady_timer timer(reactor_, time);
  co_await timer.async_wait(asio::deferred);
}

asio::awaitable<void> crowd::until(std::function<bool()> condition, duration longest) {
  const moment give_up = steady_clock::now() + longest;
  while (!condition() && steady_clock::now() < give_up) co_await pause(10ms);
}

// What was missed in an outage is not made up for.
asio::awaitable<void> crowd::pace(moment& next) {
  next = std::max(next + period_, steady_clock::now());
  asio::steady_timer timer(reactor_, next);
  co_await timer.async_wait(asio::deferred);
}

asio::awaitable<void> crowd::measure_lag() {
  while (!closed_) {
    const moment due = steady_clock::now() + 10ms;
    co_await pause(10ms);
    lag_ = std::max<duration>(lag_, steady_clock::now() - due);
  }
}

// Nodes that lose packets may take each other for offline (10005) although they are all ready: not for long.
asio::awaitable<bucket> crowd::make_bucket(client& nats, const bucket_config& wanted) {
  const error_code no_peers(10005, jetstream_category());
  const moment give_up = steady_clock::now() + 60s;
  while (true) {
    auto [code, made] = co_await nats.ensure_bucket(wanted, nothrow);
    if (!code) co_return made;
    if (code != no_peers || steady_clock::now() >= give_up) throw boost::system::system_error(code);
    co_await pause(100ms);
  }
}

asio::awaitable<void> crowd::arrive() {
  for (std::size_t c = 0; c < client_count; ++c) {
    config settings(site_.urls(c));
    settings.name("chaos-" + std::to_string(c)).reconnect([](auto& reconnect) {
      reconnect.retry_first_connect(true);
    });
    settings.ping_interval(2s).connect_timeout(2s);
    client nats = co_await connect(settings);
    bucket_config wanted(bucket_name);
    wanted.history(history_kept).replicas(3);
    bucket kv = co_await make_bucket(nats, wanted);
    services_.push_back({nats, kv});
  }
  using start = test::watch_record::start;
  watch_options plain, history_too, updates, values, meta;
  history_too.include_history = true;
  updates.updates_only = true;
  values.ignore_deletes = true;
  meta.meta_only = true;
  plain.heartbeat = updates.heartbeat = values.heartbeat = 1s;
  open_later(0, 0, "watch of all", start::last, plain, {">"});
  open_later(0, 1, "watch with history", start::history, history_too, {">"});
  open_later(0, 2, "watch of updates", start::updates, updates, {">"});
  open_later(1000, 3, "watch of values", start::last, values, {">"});
  open_later(2000, 4, "watch of cas keys", start::history, history_too, {"cas.>"});
  open_later(3000, 5, "watch of two clients' keys", start::last, plain, {"put.1.>", "put.2.>"});
  open_later(5000, 6, "watch of meta data", start::last, meta, {">"});
  watch_options resumed;
  resumed.resume_from = 100;
  open_later(7000, 7, "watch from revision 100", start::from, resumed, {">"});
}

// When the bucket has come so far: there is something then, and others write.
void crowd::open_later(revision when, std::size_t owner, std::string name, test::watch_record::start where,
                       watch_options how, std::vector<std::string> filters) {
  ++unopened_;
  const auto open = [](crowd& self, revision from, std::size_t c, std::string title,
                       test::watch_record::start at, watch_options with,
                       std::vector<std::string> of) -> asio::awaitable<void> {
    while (self.newest_ < from && !self.stopping_) co_await self.pause(10ms);
    for (bool stands = false; !stands;) {
      watching& one = self.open_watch(c, title, at, with, of);
      one.slow = c % 3 == 0;
      const auto decided = [&one] {
        return one.done || one.notes->initial_ends != 0 || !one.notes->entries.empty();
      };
      self.spawn(one.notes->name, self.follow(one));
      co_await self.until(decided, 60s);
      stands = !one.never_stood;
      if (!stands) self.watches_.remove_if([&](const watching& w) { return &w == &one; });
      self.never_stood_ += !stands;
    }
    --self.unopened_;
  };
  std::string title = name;
  spawn(std::move(title), open(*this, when, owner, std::move(name), where, how, std::move(filters)));
}

std::size_t crowd::watch_count() const {
  return static_cast<std::size_t>(
      std::count_if(watches_.begin(), watches_.end(), [](const watching& one) { return !one.done; }));
}

void crowd::work() {
  constexpr work_function kinds[] = {&crowd::put_own_keys, &crowd::compare_and_set, &crowd::take_locks,
                                     &crowd::read_and_heat, &crowd::put_own_keys};
  const std::size_t all = client_count * workers_of_a_kind * std::size(kinds);
  period_ =
      std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * static_cast<double>(all) / options_.rate));
  spawn("lag", measure_lag());
  for (std::size_t c = 0; c < client_count; ++c) {
    for (std::size_t w = 0; w < workers_of_a_kind * std::size(kinds); ++w) {
      ++workers_;
      const auto run = [](crowd& self, work_function kind, std::size_t client,
                          std::size_t worker) -> asio::awaitable<void> {
        co_await self.pause(
            std::chrono::nanoseconds(self.any(static_cast<std::size_t>(self.period_.count()) + 1)));
        co_await (self.*kind)(client, worker);
        --self.workers_;
      };
      spawn("worker", run(*this, kinds[w % std::size(kinds)], c, w));
    }
    if (c % 4 == 0) spawn("watch again and again", watch_again_and_again(c));
  }
}

asio::awaitable<void> crowd::leave() {
  stopping_ = true;
  co_await until([this] { return workers_ == 0 && open_ == 0 && unopened_ == 0; }, 60s);
}

asio::awaitable<void> crowd::see_last_values(duration longest) {
  const moment begin = steady_clock::now();
  std::map<std::string, revision> by_key;
  for (watching& one : watches_) {
    if (one.rolling) continue;
    const std::string& filter = one.notes->filters.front();
    const std::string key = filter == ">" ? "last.value" : filter.substr(0, filter.size() - 1) + "last";
    for (int attempt = 0; attempt < 10 && by_key[key] == 0; ++attempt) {
      const test::operation_record* op = co_await put(0, key);
      if (op->how == test::result::ok) by_key[key] = op->rev;
    }
    last_values_[one.notes] = by_key[key];
  }
  const auto all_seen = [this] {
    return std::all_of(last_values_.begin(), last_values_.end(), [](const auto& one) {
      const auto& entries = one.first->entries;
      return !entries.empty() && entries.back().rev >= one.second;
    });
  };
  co_await until(all_seen, longest);
  slowest_sight_ = steady_clock::now() - begin;
}

asio::awaitable<void> crowd::stop_watches() {
  watches_stopping_ = true;
  for (watching& one : watches_) one.updates.stop();
  co_await until([this] { return watch_count() == 0; }, 10s);
}

asio::awaitable<void> crowd::close() {
  // A request that a watch made before it was stopped waits for its answer, or for its deadline (8 s at most).
  const auto is_idle = [](const service& one) { return one.nats.statistics().pending_requests == 0; };
  co_await until([&] { return std::all_of(services_.begin(), services_.end(), is_idle); }, 10s);
  for (service& one : services_) {
    reconnects_ += one.nats.statistics().reconnects;
    if (!is_idle(one)) failures_.push_back("a client has requests pending at the end");
    auto [code] = co_await one.nats.drain(nothrow);
    if (code) failures_.push_back("drain: " + code.message());
  }
  closed_ = true;
  services_.clear();
  watches_.clear();
}

void crowd::abandon() {
  stopping_ = watches_stopping_ = closed_ = true;
  services_.clear();
  watches_.clear();
}

}  // namespace kvco::chaos
