// What the clients of a run watch, and how each entry is noted.
#include <kvco_test/chaos/crowd.hpp>

namespace kvco::chaos {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using start = test::watch_record::start;

constexpr auto set_up_bound = 11s;  // the client's timeout is 10 s

}  // namespace

crowd::watching& crowd::open_watch(std::size_t client, std::string name, start where, watch_options how,
                                   std::vector<std::string> filters) {
  test::watch_record& record = notes_.watches.emplace_back();
  record.name = std::move(name);
  record.session = static_cast<std::uint32_t>(client);
  record.where = where;
  record.from = how.resume_from;
  record.ignore_deletes = how.ignore_deletes;
  record.meta_only = how.meta_only;
  record.filters = std::move(filters);
  record.begin = steady_clock::now();
  watching& one = watches_.emplace_back();
  one.notes = &record;
  one.updates = services_[client].kv.watch(record.filters, how);
  return one;
}

void crowd::note(watching& one, const entry& e) {
  const std::uint64_t value = e.operation() == operation::put ? history::value_of(e.value()) : 0;
  one.notes->entries.push_back({e.revision(), notes_.key(e.key()), e.operation(), value});
}

asio::awaitable<void> crowd::take(watching& one, bool all_at_once) {
  while (const std::optional<entry> e = co_await one.updates.next_initial()) note(one, *e);
  if (!one.updates.initial_complete()) {  // stop() ends everything
    one.notes->stopped_early = true;
    co_return;
  }
  ++one.notes->initial_ends;
  one.notes->initial_size = one.notes->entries.size();
  one.notes->initial_at = steady_clock::now();
  if (all_at_once) {
    while (const auto batch = co_await one.updates.next_batch()) {
      for (const entry& e : *batch) note(one, e);
      if (one.slow && !stopping_) co_await pause(std::chrono::milliseconds(any(400)));
    }
  } else {
    while (const std::optional<entry> e = co_await one.updates.next()) note(one, *e);
  }
}

asio::awaitable<void> crowd::follow(watching& one) {
  try {
    co_await take(one, one.slow || chance(0.5));
    if (!watches_stopping_ && !one.rolling) one.notes->failure = "it ended without an error";
  } catch (const boost::system::system_error& error) {
    // An outage may be longer than the time that a watch has to be set up. Entries may have come by then.
    const bool in_time = steady_clock::now() - one.notes->begin < set_up_bound;
    one.never_stood = in_time && one.notes->initial_ends == 0 &&
                      (error.code() == errc::timeout || error.code() == errc::unavailable);
    if (one.never_stood) {
      one.notes->stopped_early = true;
    } else {
      one.notes->failure = error.what();
    }
  }
  one.done = true;
}

// Short watches, from any revision and with any options.
asio::awaitable<void> crowd::watch_again_and_again(std::size_t client) {
  for (int round = 0; !stopping_; ++round) {
    co_await pause(std::chrono::milliseconds(200 + any(2000)));
    if (stopping_) break;
    watch_options how;
    start where = start::last;
    if (chance(0.4)) {
      where = start::from;
      how.resume_from = 1 + (newest_ > 3000 ? newest_ - any(3000) : any(newest_ + 1));
    } else if (chance(0.5)) {
      where = start::updates;
      how.updates_only = true;
    }
    how.ignore_deletes = chance(0.3);
    how.meta_only = chance(0.3);
    how.heartbeat = 500ms;
    const std::vector<std::string> filters{chance(0.5) ? ">" : "cas.>"};
    const std::string name = "watch " + std::to_string(round) + " of client " + std::to_string(client);
    watching& one = open_watch(client, name, where, how, filters);
    one.rolling = true;
    spawn(name, follow(one));
    const moment give_up = steady_clock::now() + std::chrono::milliseconds(500 + any(8000));
    co_await until(
        [&] {
          return one.done || stopping_ || (one.notes->initial_ends == 1 && steady_clock::now() > give_up);
        },
        60s);
    one.updates.stop();
    co_await until([&] { return one.done; }, 10s);
    never_stood_ += one.never_stood;
    watches_.remove_if([&](const watching& w) { return &w == &one && w.done; });
  }
}

}  // namespace kvco::chaos
