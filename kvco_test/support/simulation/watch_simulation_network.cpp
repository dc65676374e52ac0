// The connection between the simulated server and the ordered consumer: commands, replies, deliveries.
#include <kvco_test/support/simulation/watch_simulation.hpp>

#include <algorithm>

namespace kvco::test {

using namespace std::chrono_literals;

void watch_simulation::connect() {
  connected_ = true;
  reconnect_at_.reset();
  connects_.push_back(now_);
  consumer_.connected(plan_.server != generation::v2_9, now_);
  run_commands();
}

// What was on its way is lost in both directions; what the server had read by then counts.
void watch_simulation::disconnect(fault how) {
  if (!connected_) return;
  connected_ = false;
  to_server_.clear();
  to_client_.clear();
  subscription_.clear();
  server_.set_interest({}, now_);
  reconnect_at_ = now_ + 50ms + std::chrono::milliseconds(random_() % 5000);
  std::deque<call> lost = std::exchange(calls_, {});
  const auto fail_all = [&] {
    for (call& open : lost) {
      open.reply.info.code = open.reply.last.code = client_error::connection_lost;
      open.reply.consumer.code = client_error::outcome_unknown;
      tell(open);
    }
  };
  if (how == fault::cut) fail_all();
  consumer_.disconnected();
  run_commands();
  if (how == fault::cut_late) fail_all();
}

// Commands may follow from commands; those given while there is no connection reach nobody.
void watch_simulation::run_commands() {
  while (consumer_.has_commands()) {
    for (auto& command : consumer_.take_commands()) execute(command);
  }
  if (!was_established_ && consumer_.established()) {
    was_established_ = true;
    oracle_.on_established(consumer_.epochs());
  }
  if (consumer_.initial_complete() && !was_complete_) {
    was_complete_ = true;
    oracle_.on_initial_complete(consumer_.epochs());
  } else if (was_complete_ && !consumer_.initial_complete()) {
    oracle_.report("the end of the initial data was taken back");
  }
}

void watch_simulation::execute(core::consumer_command::any& command) {
  using namespace core;
  if (auto* subscribe = std::get_if<consumer_command::subscribe>(&command)) {
    if (subscribe->subject == subscription_) oracle_.report("a deliver subject was used twice");
    subscription_ = subscribe->subject;
  } else if (std::holds_alternative<consumer_command::unsubscribe>(command)) {
    subscription_.clear();
  } else if (auto* inspect = std::get_if<consumer_command::inspect>(&command)) {
    calls_.push_back({question::inspect, inspect->epoch, now_ + 5s});
  } else if (auto* locate = std::get_if<consumer_command::locate>(&command)) {
    calls_.push_back({question::locate, locate->epoch, now_ + 5s});
  } else if (auto* create = std::get_if<consumer_command::create>(&command)) {
    creates_.push_back(now_);
    calls_.push_back({question::create, create->epoch, now_ + 5s});
  } else if (auto* flow = std::get_if<consumer_command::flow>(&command)) {
    flow_request& asked = flows_[flow->subject];
    if (++asked.answered > asked.asked) oracle_.report("flow control was answered more often than asked");
    if (taken_ < asked.due) oracle_.report("flow control was answered before its data was taken");
  }
  if (connected_) to_server_.push_back(std::move(command));
}

bool watch_simulation::server_step() {
  if (to_server_.empty()) return false;
  core::consumer_command::any command = std::move(to_server_.front());
  to_server_.pop_front();
  serve(command);
  return true;
}

void watch_simulation::serve(core::consumer_command::any& command) {
  using namespace core;
  if (auto* subscribe = std::get_if<consumer_command::subscribe>(&command)) {
    server_.set_interest(subscribe->subject, now_);
  } else if (std::holds_alternative<consumer_command::unsubscribe>(command)) {
    server_.set_interest({}, now_);
  } else if (auto* remove = std::get_if<consumer_command::remove>(&command)) {
    server_.remove(remove->name);
  } else if (auto* flow = std::get_if<consumer_command::flow>(&command)) {
    if (!std::exchange(lose_answer_, false)) server_.answer(flow->subject);
  } else if (auto* inspect = std::get_if<consumer_command::inspect>(&command)) {
    answer(question::inspect, inspect->epoch, {.info = server_.stream_info()});
  } else if (auto* locate = std::get_if<consumer_command::locate>(&command)) {
    answer(question::locate, locate->epoch, {.last = server_.last_of(locate->filter)});
  } else if (auto* create = std::get_if<consumer_command::create>(&command)) {
    auto reply = server_.create(create->name, create->filter, create->payload, now_);
    if (reply.ok()) oracle_.on_created(create->epoch);
    if (reply.ok() && lie_) reply.value.num_pending = lie_(reply.value.num_pending);
    answer(question::create, create->epoch, {.consumer = std::move(reply)});
  }
}

void watch_simulation::answer(question asked, std::uint64_t epoch, replies reply) {
  const auto open = std::find_if(calls_.begin(), calls_.end(), [&](const call& c) {
    return c.asked == asked && c.epoch == epoch && !c.answered;
  });
  if (open == calls_.end() || std::exchange(lose_reply_, false)) return;  // lost: it runs into its deadline
  open->answered = true;
  open->reply = std::move(reply);
  if (!std::exchange(refuse_call_, false)) return;
  constexpr int passing[] = {10008, 10009, 10013, 10023, 10118, 10148, 0};
  const int code = passing[random_() % std::size(passing)];
  const error_code refused =
      code == 0 ? error_code(client_error::no_responders) : error_code(code, jetstream_category());
  open->reply.info.code = open->reply.consumer.code = open->reply.last.code = refused;
}

bool watch_simulation::reply_step() {
  const auto open = std::find_if(calls_.begin(), calls_.end(), [](const call& c) { return c.answered; });
  if (open == calls_.end()) return false;
  call done = std::move(*open);
  calls_.erase(open);
  tell(done);
  return true;
}

void watch_simulation::tell(call& open) {
  if (open.asked == question::create) {
    consumer_.on_created(open.epoch, open.reply.consumer, now_);
  } else if (open.asked == question::locate) {
    consumer_.on_located(open.epoch, open.reply.last, now_);
  } else {
    consumer_.on_stream_info(open.epoch, open.reply.info, now_);
  }
  run_commands();
}

bool watch_simulation::pump_step() {
  std::vector<delivery> out;
  const bool heard = random_() % 3 != 0 && server_.hear();
  const bool stepped = server_.step(now_, out);
  send(out);
  return stepped || heard;
}

void watch_simulation::send(std::vector<delivery>& out) {
  for (delivery& sent : out) {
    if (sent.heartbeat && now_ < heartbeats_lost_until_) continue;
    if (connected_) to_client_.push_back(std::move(sent));
  }
}

bool watch_simulation::receive_step() {
  if (to_client_.empty()) return false;
  const delivery next = std::move(to_client_.front());
  to_client_.pop_front();
  if (next.to == subscription_) hand_over(next);  // else its sid is gone
  return true;
}

void watch_simulation::hand_over(const delivery& what) {
  if (!what.flow.empty()) {
    flow_request& asked = flows_[what.flow];
    if (++asked.asked == 1) asked.due = given_;
  }
  if (what.incarnation != 0) ++received_;
  wire::event event;
  event.kind = wire::event_kind::msg;
  event.sid = 1;
  event.subject = what.subject;
  event.reply = what.reply;
  event.header = what.header;
  event.payload = what.payload;
  if (const auto* entry = consumer_.on_message(event, now_)) {
    ++given_;
    oracle_.on_entry(*entry, consumer_.epochs(), what.incarnation);
  }
  run_commands();
}

}  // namespace kvco::test
