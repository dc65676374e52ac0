// What goes wrong in a run. See the header; the numbers are those of the fault catalogue.
#include <kvco_test/chaos/faults.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <numeric>
#include <thread>

namespace kvco::chaos {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::fate;
using test::fault_proxy;
using test::server_frame;

const std::vector<faults::kind>& faults::table() {
  static const std::vector<kind> all{
      {"kill -9 of the stream's leader", 3, 12s, &faults::kill_leader},           // fault: 45
      {"kill -9 of a node", 2, 12s, &faults::kill_node},                          // fault: 50
      {"kill -9 of all nodes", 1, 15s, &faults::kill_all},                        // fault: 49
      {"SIGSTOP of the stream's leader", 2, 15s, &faults::pause_leader},          // fault: 46
      {"SIGSTOP of a node", 1, 15s, &faults::pause_node},                         // fault: 15, 59
      {"lame duck mode of a node", 1, 15s, &faults::retire_node},                 // fault: 44
      {"rolling lame duck mode", 0.5, 45s, &faults::retire_all_in_turn},          // fault: 44
      {"stream leader steps down", 3, 5s, &faults::step_down},                    // fault: 47
      {"meta leader steps down", 1, 5s, &faults::meta_step_down},                 // fault: 47
      {"leader cut off from its peers", 1.5, 15s, &faults::cut_off_leader},       // fault: 48
      {"silence between a node and its peers", 1, 15s, &faults::silence_routes},  // fault: 48
      {"clients cut with FIN", 2, 5s, &faults::cut_with_fin},                     // fault: 7, 16, 34
      {"clients cut with RST", 2, 5s, &faults::cut_with_reset},                   // fault: 8, 16
      {"clients refused", 1, 6s, &faults::refuse_clients},                        // fault: 1, 16
      {"stall towards clients", 1.5, 8s, &faults::stall_to_client},               // fault: 11, 12
      {"stall towards servers", 1.5, 8s, &faults::stall_to_server},               // fault: 11, 12, 15
      {"slow links", 1, 6s, &faults::throttle},                                   // fault: 14
      {"split and joined writes", 1, 6s, &faults::split_and_join},                // fault: 13
      {"frames lost", 1.5, 6s, &faults::lose_frames},                             // fault: 53, 60, 73
      {"frames repeated", 1.5, 6s, &faults::repeat_frames},                       // fault: 28, 73
      {"frames spoilt", 1, 6s, &faults::spoil_frame},                             // fault: 21
      {"consumers deleted on the server", 2, 3s, &faults::delete_consumers},      // fault: 51
  };
  return all;
}

faults::faults(site& where, const options& wanted) : site_(where), options_(wanted), random_(wanted.seed) {
  for (const kind& one : table()) {
    const bool wished = one.name.find(wanted.only) != std::string::npos;
    if (wished && !wanted.leaves_out(one.name)) kinds_.push_back(one);
  }
}

std::size_t faults::any(std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
}

void faults::sleep(milliseconds least, milliseconds most) {
  std::this_thread::sleep_for(least +
                              milliseconds(any(static_cast<std::size_t>((most - least).count()) + 1)));
}

const faults::kind* faults::choose(seconds left) {
  double sum = 0;
  for (const kind& one : kinds_) sum += one.longest <= left ? one.weight : 0;
  if (sum == 0) return nullptr;
  double at = std::uniform_real_distribution<>(0, sum)(random_);
  for (const kind& one : kinds_) {
    if (one.longest > left) continue;
    if ((at -= one.weight) <= 0) return &one;
  }
  return nullptr;
}

void faults::run_until(steady_clock::time_point end) {
  while (const kind* next = choose(std::chrono::duration_cast<seconds>(end - steady_clock::now()))) {
    if (options_.verbose) std::cout << "  " << next->name << std::endl;
    (this->*next->happen)();
    ++counts_[next->name];
    // Mostly the next one comes when the stream has a leader again, now and then earlier.
    const auto give_up = std::min(end, steady_clock::now() + 15s);
    while (any(5) != 0 && !site_.cluster().leader(stream_name) && steady_clock::now() < give_up) {
      sleep(50ms, 100ms);
    }
    sleep(200ms, 3s);
  }
}

void faults::heal() {
  site_.heal_links();
  site_.cluster().start_all();
  site_.cluster().wait_until_healthy(stream_name, 120s);
}

std::size_t faults::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t(0),
                         [](std::size_t sum, const auto& one) { return sum + one.second; });
}

// --- servers --------------------------------------------------------------------------------------

std::size_t faults::leader_or_any() {
  const std::size_t instead = any(site::nodes);
  return site_.cluster().leader(stream_name).value_or(instead);
}

void faults::restart(std::size_t node) {
  site_.cluster().node(node).kill();
  sleep(100ms, 4s);
  site_.cluster().node(node).start();
}

void faults::kill_leader() { restart(leader_or_any()); }
void faults::kill_node() { restart(any(site::nodes)); }

void faults::kill_all() {
  site_.cluster().kill_all();
  sleep(0ms, 2s);
  site_.cluster().start_all();
}

void faults::pause_leader() {
  test::nats_server& node = site_.cluster().node(leader_or_any());
  node.pause();
  sleep(1s, 7s);
  node.resume();
}

void faults::pause_node() {
  test::nats_server& node = site_.cluster().node(any(site::nodes));
  node.pause();
  sleep(1s, 7s);
  node.resume();
}

void faults::retire_node() {
  const std::size_t node = leader_or_any();
  site_.cluster().retire(node);
  site_.cluster().node(node).start();
}

void faults::retire_all_in_turn() {
  for (std::size_t node = 0; node < site::nodes; ++node) {
    site_.cluster().retire(node);
    site_.cluster().node(node).start();
    site_.cluster().wait_until_healthy(stream_name);
  }
}

void faults::step_down() {
  for (std::size_t i = any(5) + 1; i > 0; --i) {
    site_.cluster().step_down(stream_name);
    sleep(0ms, 400ms);
  }
}

void faults::meta_step_down() { site_.cluster().meta_step_down(); }

void faults::cut_off_leader() {
  const std::size_t node = leader_or_any();
  site_.with_routes(node, [](fault_proxy& route) {
    route.refuse(true);
    route.cut_all(test::cut_with::reset);
  });
  sleep(1s, 8s);
  site_.with_routes(node, [](fault_proxy& route) { route.refuse(false); });
}

void faults::silence_routes() {
  const std::size_t node = leader_or_any();
  site_.with_routes(node, [](fault_proxy& route) { route.set_both({.stalled = true}); });
  sleep(500ms, 8s);
  site_.with_routes(node, [](fault_proxy& route) { route.set_both({}); });
}

void faults::delete_consumers() {
  const auto answer = site_.cluster().ask("$JS.API.CONSUMER.NAMES." + std::string(stream_name));
  if (!answer) return;
  const boost::json::value told = boost::json::parse(*answer);
  const auto* names = told.as_object().if_contains("consumers");
  if (names == nullptr || !names->is_array()) return;
  const bool all = any(3) == 0;
  for (const auto& name : names->as_array()) {
    if (!all && any(2) == 0) continue;
    site_.cluster().ask("$JS.API.CONSUMER.DELETE." + std::string(stream_name) + "." +
                        std::string(name.as_string()));
  }
}

// --- links ----------------------------------------------------------------------------------------

std::vector<std::size_t> faults::some_clients() {
  std::vector<std::size_t> all(client_count);
  std::iota(all.begin(), all.end(), 0u);
  std::shuffle(all.begin(), all.end(), random_);
  all.resize(1 + any(client_count));
  return all;
}

void faults::end_connections(test::cut_with how) {
  const auto clients = some_clients();
  for (std::size_t i = any(4) + 1; i > 0; --i) {
    site_.with_links(clients, [&](fault_proxy& link) { link.cut_all(how); });
    sleep(0ms, 400ms);
  }
}

void faults::cut_with_fin() { end_connections(test::cut_with::fin); }
void faults::cut_with_reset() { end_connections(test::cut_with::reset); }

void faults::refuse_clients() {
  const auto clients = some_clients();
  site_.with_links(clients, [](fault_proxy& link) {
    link.refuse(true);
    link.cut_all(test::cut_with::reset);
  });
  sleep(200ms, 3s);
  site_.heal_links();
}

void faults::stall(test::direction way) {
  site_.with_links(some_clients(), [&](fault_proxy& link) { link.set(way, {.stalled = true}); });
  sleep(300ms, 6s);
  site_.heal_links();
}

void faults::stall_to_client() { stall(test::direction::to_client); }
void faults::stall_to_server() { stall(test::direction::to_server); }

void faults::throttle() {
  const std::size_t speed = 20'000 + any(180'000);
  site_.with_links(some_clients(), [&](fault_proxy& link) { link.set_both({.bytes_per_second = speed}); });
  sleep(1s, 4s);
  site_.heal_links();
}

void faults::split_and_join() {
  const test::flow_faults how{.piece = 1 + any(200), .gather = milliseconds(any(20))};
  site_.with_links(some_clients(), [&](fault_proxy& link) { link.set_both(how); });
  sleep(1s, 4s);
  site_.heal_links();
}

// Only messages: a client that gets no PONG, or half of its INFO, has a broken connection, and that is another fault.
void faults::filter_frames(fate what, double chance) {
  const auto seed = static_cast<std::uint32_t>(random_());
  site_.with_links(some_clients(), [&](fault_proxy& link) {
    link.filter([what, chance, random = std::mt19937(seed)](const server_frame& frame) mutable {
      const bool hit = std::uniform_real_distribution<>()(random) < chance;
      return hit && frame.what == server_frame::verb::msg ? what : fate::pass;
    });
  });
  sleep(1s, 4s);
  site_.heal_links();
}

void faults::lose_frames() { filter_frames(fate::lose, 0.05); }
void faults::repeat_frames() { filter_frames(fate::repeat, 0.1); }
void faults::spoil_frame() { filter_frames(fate::spoil, 0.01); }

}  // namespace kvco::chaos
