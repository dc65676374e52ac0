// The chaos runner: clients work while servers and networks fail, and then all that they did and saw is judged. Ends with
// 1 on a violation, 2 when the run does not count (nothing could be judged, or too little was done), 64 on bad arguments.
#include <kvco_test/chaos/crowd.hpp>
#include <kvco_test/chaos/faults.hpp>
#include <kvco_test/chaos/options.hpp>
#include <kvco_test/chaos/report.hpp>
#include <kvco_test/chaos/site.hpp>
#include <kvco_test/support/judges/check_operations.hpp>
#include <kvco_test/support/judges/check_watches.hpp>
#include <kvco_test/support/judges/stream_reader.hpp>
#include <kvco_test/support/server/reactor_thread.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kvco::chaos {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// The servers have failed on their own: nothing can be judged.
struct proves_nothing : std::runtime_error {
  explicit proves_nothing(const std::string& how) : std::runtime_error("the run proves nothing: " + how) {}
};

constexpr const char* replicas_differ = "the servers' replicas differ, as raw reads show. ";

constexpr std::uint64_t least_work = 1000;  // operations before the first fault, else the run does not count
constexpr auto work_patience = 60s;
// Of one client in one second: it tries three servers, pauses for a random part of 50 ms, tries them again, and so on with
// twice as much. Ten rounds in a second are hardly ever met.
constexpr std::size_t most_dials = 30;
constexpr duration own_margin = 250ms;  // P1
constexpr duration sight_bound = 30s;   // P6: from the end of all faults until a watch has the last value
// P9. A consumer that nobody deleted goes by its own threshold: 30 s after the server has seen its client gone. The server
// then asks the meta leader to delete it; where that is lost it asks again after 30 to 60 s, and then after twice as long
// (deleteNotActive, 2.10).
constexpr auto consumers_gone_bound = 30s + 60s + 120s + 10s;
constexpr auto answer_patience = 20s;

class run {
 public:
  explicit run(const options& wanted)
      : options_(wanted),
        site_(wanted),
        trouble_(site_, wanted),
        people_(clients_.reactor(), site_, wanted, notes_) {}

  ~run() {
    keep_logs();
    clients_.call([this] { people_.abandon(); });
    clients_.join();
  }
  run(const run&) = delete;
  run& operator=(const run&) = delete;

  bool go() {
    try {
      found_.server_version = site_.cluster().node(0).version();
      begin();
      trouble_.run_until(steady_clock::now() + options_.duration);
      trouble_.heal();
      std::this_thread::sleep_for(2s);  // healthy again: this counts, too
      finish();
      judge();
    } catch (const proves_nothing&) {
      throw;
    } catch (const std::exception& error) {
      look_for_lock_up(error.what());
      throw;
    }
    print(std::cout, options_, found_, notes_, people_, trouble_);
    if (found_.violations.clean()) return true;
    if (!divergence_.empty()) throw proves_nothing(replicas_differ + divergence_);
    look_for_lock_up("of the violations above each may come from that");
    return false;
  }

 private:
  void on_clients(asio::awaitable<void> what) {
    asio::co_spawn(clients_.reactor(), std::move(what), asio::use_future).get();
  }

  void keep_logs() {
    if (options_.logs.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(options_.logs, ignored);
    for (std::size_t i = 0; i < site::nodes; ++i) {
      std::ofstream(std::filesystem::path(options_.logs) / ("n" + std::to_string(i) + ".log"))
          << site_.cluster().node(i).log();
    }
  }

  void begin() {
    on_clients(people_.arrive());
    site_.cluster().wait_until_healthy(stream_name);
    clients_.call([this] { people_.work(); });
    first_ = steady_clock::now();
    std::this_thread::sleep_for(1s);
    const auto since = steady_clock::now();
    const std::uint64_t before = people_.completed();
    while (people_.completed() - before < least_work || steady_clock::now() - since < 3s) {
      if (steady_clock::now() - since > work_patience)
        throw std::runtime_error("too little is done before the first fault: the run does not count");
      std::this_thread::sleep_for(10ms);
    }
    found_.rate_before = static_cast<double>(people_.completed() - before) /
                         std::chrono::duration<double>(steady_clock::now() - since).count();
  }

  void finish() {
    on_clients(people_.leave());
    found_.seconds = std::chrono::duration<double>(steady_clock::now() - first_).count();
    on_clients(people_.see_last_values(sight_bound));
    const std::size_t watches = clients_.call([this] { return people_.watch_count(); });
    found_.watches = watches;
    found_.consumers = consumers();
    on_clients(people_.stop_watches());
    on_clients(people_.close());
    const auto give_up = steady_clock::now() + consumers_gone_bound;
    while ((found_.orphans = consumers()) != 0 && steady_clock::now() < give_up)
      std::this_thread::sleep_for(100ms);
    if (found_.orphans != 0) look_for_orphans();
  }

  // A cluster may go on counting a consumer that it has lost: then there is nothing that could go by its threshold.
  void look_for_orphans() {
    for (std::size_t i = 0; i < site::nodes; ++i) {
      std::optional<std::vector<std::string>> there;
      const auto give_up = steady_clock::now() + answer_patience;
      while (!(there = site_.cluster().consumers_on(i, stream_name)) && steady_clock::now() < give_up)
        std::this_thread::sleep_for(100ms);
      if (!there) throw std::runtime_error("a node does not tell its consumers, though it is healthy");
      for (const std::string& name : *there) {
        found_.violations.add("V11", "consumer " + name + " is left behind on n" + std::to_string(i));
      }
    }
  }

  std::size_t consumers() {
    const auto answer = site_.cluster().ask("$JS.API.STREAM.INFO." + std::string(stream_name));
    if (!answer) throw std::runtime_error("the cluster does not answer, though it is healthy");
    return boost::json::parse(*answer).at("state").at("consumer_count").to_number<std::size_t>();
  }

  // Ends the servers.
  void look_for_lock_up(const std::string& seen) {
    for (std::size_t i = 0; i < site::nodes; ++i) {
      test::nats_server& node = site_.cluster().node(i);
      const std::string stuck = node.running() ? test::stuck_at_locks(node.goroutines()) : "";
      if (stuck.empty()) continue;
      throw proves_nothing("n" + std::to_string(i) + " waits for its own locks (" + seen + "):\n" + stuck);
    }
  }

  void judge() {
    const std::size_t leader = site_.cluster().wait_for_leader(stream_name);
    const test::stored_stream truth = read_truth(leader);
    found_.stored = truth.all().size();
    found_.dials = site_.dials();
    test::verdict& to = found_.violations;
    const contradictions seen = site_.seen();
    const test::attribution by(notes_, truth, to, seen.stored);
    note_contradictions(seen, by);
    test::check_completion(notes_, own_margin + people_.lag(), to);
    test::check_effects(notes_, truth, by, to);
    test::check_linearizable(notes_, truth, by, to);
    test::check_creates(notes_, truth, to);
    test::check_sessions(notes_, truth, by, to);
    for (const test::watch_record& watch : notes_.watches) judge_watch(watch, truth, by);
    for (const std::string& words : site_.malformed()) to.add("V9", words);
    if (found_.dials.in_a_second > most_dials) {
      to.add("V12",
             "a client has dialled " + std::to_string(found_.dials.in_a_second) + " times in a second");
    }
    check_errors();
    for (const std::string& words : people_.failures()) to.add("V14", words);
    if (!to.clean()) compare_replicas(truth);
  }

  // What the leader counts must come from whichever replica the reading consumer is on, since nobody writes any more.
  test::stored_stream read_truth(std::size_t leader) {
    std::vector<std::uint16_t> ports;
    for (std::size_t i = 0; i < site::nodes; ++i)
      ports.push_back(site_.cluster().node((leader + i) % site::nodes).port());
    try {
      return test::read_stream(ports, bucket_name, notes_, history_kept);
    } catch (const test::messages_missing& error) {
      throw proves_nothing(replicas_differ + std::string(error.what()));
    }
  }

  // Servers may lose their own agreement (2.10 does after kill -9): then reads and watches show what one replica holds, and
  // the leader, which is taken for the truth, is only another one.
  void compare_replicas(const test::stored_stream& truth) {
    const std::size_t step = std::max<std::size_t>(1, truth.all().size() / 1000);
    for (std::size_t i = 0; i < site::nodes; ++i) {
      const std::string found =
          test::replica_difference(site_.cluster().node(i).port(), bucket_name, truth, notes_, step);
      if (!found.empty()) divergence_ += "On n" + std::to_string(i) + " " + found + ". ";
    }
  }

  // What two leaders at once have answered differently is no fault of a client.
  void note_contradictions(const contradictions& seen, const test::attribution& by) {
    const std::string subject = "$KV." + std::string(bucket_name) + '.';
    for (test::operation_record& op : notes_.operations) {
      const bool stored = op.how == test::result::refused && seen.stored.contains(by.landed(op));
      const auto [first, last] = seen.behind.equal_range(subject + notes_.name(op.key));
      const bool behind = std::any_of(first, last, [&](const auto& answer) {
        return op.begin <= answer.second && answer.second <= op.end;
      });
      const bool stale = is_read(op.what) && op.how == test::result::ok &&
                         (op.rev != 0 ? seen.stale.contains(op.rev) : behind);
      op.contradicted = stored || stale;
      found_.contradicted += op.contradicted;
    }
    for (test::watch_record& watch : notes_.watches) {
      for (const contradictions::early_end& end : seen.early_ends) {
        if (end.client != watch.session || end.when < watch.begin || end.when > watch.initial_at) continue;
        watch.told_end = std::min(watch.told_end, end.last);
      }
      found_.told_early_end += watch.told_end != std::numeric_limits<revision>::max();
    }
  }

  void judge_watch(const test::watch_record& watch, const test::stored_stream& truth,
                   const test::attribution& by) {
    test::verdict& to = found_.violations;
    test::check_order(watch, notes_, truth, by, to);
    test::check_complete(watch, notes_, truth, by, to);
    test::check_initial(watch, notes_, truth, to);
    const auto last = people_.last_values().find(&watch);
    if (last != people_.last_values().end()) {
      test::check_live(watch, last->second, to);
    } else if (!watch.failure.empty()) {
      to.add("V8", watch.name + " ended: " + watch.failure);
    }
  }

  // V13: what these faults may lead to, and nothing else.
  void check_errors() {
    for (const test::operation_record& op : notes_.operations) {
      if (op.how != test::result::refused) continue;
      const bool conflict = op.code == errc::wrong_last_revision || op.code == errc::key_exists;
      const bool outage = op.code == errc::timeout || op.code == errc::unavailable ||
                          (op.code == errc::connection_lost && is_read(op.what));
      const bool may_conflict =
          op.what == test::action::create || op.what == test::action::update || op.expected != 0;
      if (outage || (conflict && may_conflict)) continue;
      found_.violations.add("V13", "unexpected error: " + describe(notes_, op));
    }
  }

  const options& options_;
  test::history notes_;
  findings found_;
  std::string divergence_;  // of the servers' replicas, in words
  site site_;
  faults trouble_;
  test::reactor_thread clients_;
  crowd people_;
  steady_clock::time_point first_{};
};

}  // namespace
}  // namespace kvco::chaos

int main(int count, char** words) {
  kvco::chaos::options wanted;
  try {
    wanted = kvco::chaos::parse_options(count, words);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 64;
  }
  for (int attempt = 1;; ++attempt, ++wanted.seed) {
    try {
      std::cout << "chaos, to repeat it: " << wanted.to_repeat("chaos") << std::endl;
      return kvco::chaos::run(wanted).go() ? 0 : 1;
    } catch (const std::exception& error) {
      std::cerr << "chaos: " << error.what() << "\n";
      const bool counts = dynamic_cast<const kvco::chaos::proves_nothing*>(&error) == nullptr;
      if (counts || attempt == wanted.attempts) return 2;
    }
  }
}
