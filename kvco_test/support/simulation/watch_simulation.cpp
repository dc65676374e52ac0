// An ordered consumer, a simulated server and a user: the clock, the random actions and the faults.
#include <kvco_test/support/simulation/watch_simulation.hpp>

#include <algorithm>

namespace kvco::test {

using namespace std::chrono_literals;
using jetstream::deliver_policy;

std::string_view to_string(fault what) {
  constexpr std::string_view names[] = {
      "drop_delivery", "duplicate_delivery", "swap_deliveries", "drop_heartbeats", "lose_reply",
      "refuse_call",   "delete_consumer",    "lose_answer",     "break_flow",      "cut",
      "cut_late",      "cut_during_calls",   "expire",          "delete_stream",   "recreate_stream"};
  return names[static_cast<std::size_t>(what)];
}

const std::vector<fault>& passing_faults() {
  static const std::vector<fault> all = [] {
    std::vector<fault> list;
    for (int i = 0; i < static_cast<int>(fault::delete_stream); ++i) list.push_back(static_cast<fault>(i));
    return list;
  }();
  return all;
}

std::string simulation_plan::name() const {
  constexpr std::string_view servers[] = {"2.9", "2.10", "2.15"};
  constexpr std::string_view policies[] = {"all", "last_per_subject", "new", "by_start_sequence"};
  return "server " + std::string(servers[static_cast<std::size_t>(server)]) + ", " +
         std::string(policies[static_cast<std::size_t>(deliver)]) + ", history " + std::to_string(history) +
         ", filter " + filters.front() + (ignore_deletes ? ", ignore_deletes" : "") +
         (headers_only ? ", headers_only" : "") + ", seed " + std::to_string(seed);
}

watch_simulation::watch_simulation(simulation_plan plan)
    : plan_(std::move(plan)),
      settings_([this] {
        core::consumer_settings settings;
        settings.bucket = "b";
        settings.stream = "KV_b";
        settings.key_prefix = "$KV.b.";
        settings.deliver_prefix = "_INBOX.w.";
        settings.name_prefix = "kvco_w_";
        settings.filters = plan_.filters;
        settings.deliver = plan_.deliver;
        // Not beyond the end: that is no watch.
        const auto start = std::min(plan_.start, static_cast<std::uint64_t>(plan_.writes_before) + 1);
        settings.start_sequence = plan_.deliver == deliver_policy::by_start_sequence ? start : 0;
        settings.first_timeout = 1h;  // how a first beginning fails is tested by itself
        settings.headers_only = plan_.headers_only;
        settings.ignore_deletes = plan_.ignore_deletes;
        settings.seed = plan_.seed;
        return settings;
      }()),
      random_(plan_.seed),
      server_(plan_.server, plan_.history, plan_.window),
      consumer_(settings_, now_),
      oracle_(settings_, server_) {
  populate();
  connect();
}

void watch_simulation::populate() {
  for (int i = 0; i < plan_.writes_before; ++i) writer_step();
}

void watch_simulation::run(int steps) {
  for (int i = 0; i < steps; ++i) {
    const int dice = static_cast<int>(random_() % 100);
    if (dice < plan_.writes) {
      writer_step();
      continue;
    }
    now_ += std::chrono::microseconds(200);
    switch (random_() % 8) {
      case 0:
        server_step();
        break;
      case 1:
        reply_step();
        break;
      case 2:
      case 3:
        pump_step();
        break;
      case 4:
      case 5:
        receive_step();
        break;
      case 6:
        user_step(1 + random_() % 6);
        break;
      case 7:
        time_step(random_() % 4 == 0 ? plan_.longest_wait : core::duration(50ms));
        break;
    }
  }
}

void watch_simulation::settle() {
  plan_.writes = 0;
  reading_ = true;
  lose_reply_ = refuse_call_ = lose_answer_ = false;
  heartbeats_lost_until_ = {};
  const core::time_point end = now_ + 90s;
  for (int steps = 0; now_ < end; ++steps) {
    if (steps > 100'000) return oracle_.report("a storm: it never comes to rest");
    if (server_step() || reply_step() || pump_step() || receive_step() || user_step(~0ull)) continue;
    if (server_.hear()) continue;
    time_step(end - now_);
  }
  if (!consumer_.ended()) oracle_.at_rest(consumer_.initial_complete());
}

void watch_simulation::stop() {
  consumer_.stop();
  run_commands();
  while (server_step()) continue;
}

void watch_simulation::inject(fault what) {
  switch (what) {
    case fault::drop_delivery:
      if (!to_client_.empty()) to_client_.pop_front();
      break;
    case fault::duplicate_delivery:
      if (!to_client_.empty()) to_client_.push_front(to_client_.front());
      break;
    case fault::swap_deliveries:
      if (to_client_.size() > 1) std::swap(to_client_[0], to_client_[1]);
      break;
    case fault::drop_heartbeats:
      heartbeats_lost_until_ = now_ + settings_.heartbeat * 5 / 2;
      break;
    case fault::lose_reply:
      lose_reply_ = true;
      break;
    case fault::refuse_call:
      refuse_call_ = true;
      break;
    case fault::delete_consumer:
      if (auto* live = server_.current()) server_.remove(std::string(live->shape().name));
      break;
    case fault::lose_answer:
      lose_answer_ = true;
      break;
    case fault::break_flow:
      if (auto* live = server_.current()) live->break_flow();
      break;
    case fault::cut:
    case fault::cut_late:
    case fault::cut_during_calls:
      disconnect(what);
      break;
    case fault::expire:
      expire_one();
      break;
    case fault::delete_stream:
      server_.delete_stream();
      break;
    case fault::recreate_stream:
      server_.recreate_stream();
      break;
  }
}

// The oldest revision of a key goes first: were it the newest, the one before it would be the last again, of which no
// server tells anybody.
void watch_simulation::expire_one() {
  std::vector<std::uint64_t> oldest;
  for (const auto& [key, revisions] : server_.stream().keys()) {
    if (!oracle_.was_given(revisions.front())) oldest.push_back(revisions.front());
  }
  if (!oldest.empty()) server_.stream().expire(oldest[random_() % oldest.size()]);
}

void watch_simulation::writer_step() {
  if (!server_.has_stream()) return;
  const int chosen = static_cast<int>(random_() % static_cast<unsigned>(plan_.keys));
  const std::string key = (chosen % 3 == 0 ? "b.k" : "a.k") + std::to_string(chosen);
  stream_model& stream = server_.stream();
  switch (random_() % 20) {
    case 0:
      stream.erase(key);
      break;
    case 1:
      stream.purge(key);
      break;
    case 2:
      stream.write(key, "x", "NATS/1.0\r\nUser: field\r\n\r\n", kvco::operation::put);
      break;
    case 3:
      stream.write(key, "a status of its own", "NATS/1.0 100 Idle Heartbeat\r\n\r\n", kvco::operation::put);
      break;
    default:
      stream.put(key, "v" + std::to_string(++payloads_) + std::string(random_() % 40, '.'));
  }
}

bool watch_simulation::user_step(std::uint64_t most) {
  if (!reading_ || taken_ == given_ || !consumer_.established() || consumer_.ended()) return false;
  taken_ += std::min(most, given_ - taken_);
  consumer_.consumed(taken_);
  if (consumer_.has_room_again()) consumer_.resume(now_);
  run_commands();
  return true;
}

std::optional<core::time_point> watch_simulation::next_time() const {
  std::optional<core::time_point> at;
  const auto consider = [&](std::optional<core::time_point> other) {
    if (other && (!at || *other < *at)) at = other;
  };
  consider(consumer_.deadline());
  consider(server_.next_time());
  consider(reconnect_at_);
  for (const call& open : calls_) consider(open.expires);
  return at;
}

void watch_simulation::time_step(core::duration most) {
  const auto at = next_time();
  now_ = at ? std::clamp(*at, now_, now_ + most) : now_ + most;
  on_time();
}

void watch_simulation::on_time() {
  if (reconnect_at_ && now_ >= *reconnect_at_) connect();
  std::vector<delivery> out;
  server_.on_time(now_, out);
  send(out);
  while (!calls_.empty() && now_ >= calls_.front().expires) {
    call late = std::move(calls_.front());
    calls_.pop_front();
    late.reply.info.code = late.reply.last.code = client_error::timeout;
    late.reply.consumer.code = client_error::outcome_unknown;
    tell(late);
  }
  const auto due = consumer_.deadline();
  if (due && now_ >= *due) consumer_.on_time(now_);
  run_commands();
}

void watch_simulation::check_traces() {
  const auto in_window = [](const std::vector<core::time_point>& times, core::time_point end) {
    return std::count_if(times.begin(), times.end(),
                         [&](core::time_point t) { return t <= end && t > end - 10s; });
  };
  // Backing off from 100 ms to 10 s with jitter: at most eight attempts in ten seconds, and the one made at once.
  for (const core::time_point at : creates_) {
    if (in_window(creates_, at) > 10 + in_window(connects_, at))
      return oracle_.report("a storm of consumers");
  }
  std::size_t left = server_.consumers().size();
  if (server_.current() != nullptr && !consumer_.ended()) --left;
  if (left > 1) oracle_.report(std::to_string(left) + " orphans are left on the server");
}

}  // namespace kvco::test
