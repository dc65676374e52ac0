// What is taken away in a soak, and given back. See the header.
#include <kvco_test/chaos/soak/abrupt.hpp>
#include <kvco_test/chaos/soak/weather.hpp>

#include <iostream>
#include <kvco/detail/concat.hpp>
#include <stdexcept>
#include <thread>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr errors denied{errc::permission_denied};
// The server does not tell which one of several writes to a subject it has refused: then the outcome of each is unknown. So is that of
// a write that was sent again (retry::idempotent) where the stream may not be asked who wrote what is stored.
constexpr errors denied_writes{errc::permission_denied, errc::outcome_unknown};
// A refusal of a write that was sent again, because the machine was slow to answer, says nothing of what was sent first.
constexpr errors refused_writes{errc::outcome_unknown};
// A watch whose stream is away is set up again for as long as it takes; one that has never stood has a deadline.
constexpr errors no_stream{errc::bucket_not_found, errc::unavailable,      errc::timeout,
                           errc::bucket_deleted,   errc::bucket_recreated, errc::outcome_unknown};
// The server may be busy with the files of the old stream when a client makes the new one (10049).
constexpr errors no_files{errc::server_error};
// While an account gets JetStream back, its server says of streams that are not restored yet that there are none (10059).
constexpr errors no_jetstream{errc::jetstream_not_enabled, errc::unavailable, errc::timeout,
                              errc::outcome_unknown, errc::server_error};

const std::string torn_history_text = std::to_string(torn_history);

}  // namespace

const std::vector<weather::kind>& weather::table() {
  static const std::vector<kind> all{
      {"no publishing to $KV.>", 2, denied_writes, &weather::no_writes},
      {"no publishing to one bucket", 2, denied_writes, &weather::no_writes_to_torn},
      {"no publishing to $JS.API.>", 2, denied_writes, &weather::no_api},
      {"no publishing to $JS.FC.>", 2, denied, &weather::no_flow_control},
      {"no publishing to DIRECT.GET", 2, denied_writes, &weather::no_direct_get},
      {"no publishing to STREAM.MSG.GET", 2, denied_writes, &weather::no_message_get},
      {"no publishing to STREAM.INFO", 2, denied_writes, &weather::no_stream_info},
      {"no publishing to CONSUMER.CREATE", 2, denied, &weather::no_new_consumers},
      {"no publishing to CONSUMER.DELETE", 1, denied, &weather::no_deleted_consumers},
      {"no subscribing to _INBOX.>", 2, denied_writes, &weather::no_replies},
      {"max_payload lowered", 2, lost_connection | errors{errc::value_too_large, errc::server_error},
       &weather::small_payload},
      {"max_control_line lowered", 2, lost_connection | errors{errc::server_error},
       &weather::short_control_line},
      {"max_connections lowered", 1, lost_connection | errors{errc::server_error}, &weather::few_connections},
      {"max_subscriptions lowered", 1, lost_connection | errors{errc::server_error},
       &weather::few_subscriptions},
      {"the account's max_streams lowered", 1, {errc::server_error}, &weather::few_streams},
      {"the account's max_consumers lowered", 1, {errc::server_error}, &weather::few_consumers},
      {"the account's storage lowered", 1, refused_writes | errors{errc::server_error, errc::bucket_full},
       &weather::little_storage},
      {"the account without JetStream", 1, no_jetstream | no_stream, &weather::account_without_jetstream},
      {"allow_direct off", 2, {}, &weather::without_direct_get},
      {"history lowered", 1, {}, &weather::short_history},
      {"max_bytes lowered", 2, {errc::bucket_full}, &weather::full},
      {"max_msg_size lowered", 1, {errc::value_too_large}, &weather::small_messages},
      {"discard old, few messages", 1, {}, &weather::discard_old},
      {"ttl lowered", 1, {}, &weather::short_lived},
      {"stream purged", 1, {}, &weather::purged},
      {"stream deleted and created again", 2, no_stream | no_files, &weather::created_again},
      {"consumers deleted", 2, {}, &weather::consumers_deleted},
      {"server restarted", 1, lost_connection, &weather::restarted},
      {"kill -9 of the server", 1, lost_connection, &weather::killed},
      {"restarted without JetStream", 1, lost_connection | no_jetstream, &weather::without_jetstream},
      {"SIGSTOP of the server", 1, lost_connection, &weather::paused},
      {"connections cut", 2, lost_connection, &weather::cut},
      {"connections stalled", 1, lost_connection, &weather::stalled},
      {"another program ends in the middle", 2, {}, &weather::another_program},
  };
  return all;
}

weather::weather(place& where, const options& wanted, std::uint64_t seed)
    : place_(where), options_(wanted), random_(seed) {
  for (const kind& one : table()) {
    const bool wished = one.name.find(wanted.only) != std::string::npos;
    if (wished && !wanted.leaves_out(one.name)) kinds_.push_back(one);
  }
  if (kinds_.empty()) throw std::invalid_argument("no fault has \"" + wanted.only + "\" in its name");
}

const weather::kind& weather::choose() {
  std::vector<double> weights;
  for (const kind& one : kinds_) weights.push_back(one.weight);
  return kinds_[std::discrete_distribution<std::size_t>(weights.begin(), weights.end())(random_)];
}

void weather::happen(const kind& what) {
  if (options_.verbose) std::cout << "  " << std::string(2 * depth_, ' ') << what.name << std::endl;
  const std::size_t number = troubles_.size();
  troubles_.push_back({what.name, what.explains, steady_clock::now()});
  (this->*what.happen)();
  troubles_[number].end = steady_clock::now();
}

void weather::run_until(moment end) {
  while (steady_clock::now() < end) {
    happen(choose());
    rest(0ms, 1500ms);
  }
}

void weather::rest(milliseconds least, milliseconds most) {
  std::this_thread::sleep_for(least +
                              milliseconds(any(static_cast<std::size_t>((most - least).count()) + 1)));
}

// Now and then two at once.
void weather::hold() {
  rest(200ms, 2s);
  if (depth_ != 0 || any(3) != 0) return;
  ++depth_;
  happen(choose());
  --depth_;
  rest(0ms, 500ms);
}

// Whoever has connected, and has not been heard yet when the server looks who is there, is refused.
void weather::reload() {
  trouble refusals{"a reload", {errc::authentication_failed}, steady_clock::now()};
  place_.reload();
  refusals.end = steady_clock::now();
  troubles_.push_back(std::move(refusals));
}

// --- of users -------------------------------------------------------------------------------------

void weather::deny_publish(const std::string& subject) {
  const bool is_new = place_.configured().no_publish.insert(subject).second;
  reload();
  hold();
  if (!is_new) return;  // whoever was first gives it back
  place_.configured().no_publish.erase(subject);
  reload();
}

void weather::deny_subscribe(const std::string& subject) {
  const bool is_new = place_.configured().no_subscribe.insert(subject).second;
  reload();
  hold();
  if (!is_new) return;
  place_.configured().no_subscribe.erase(subject);
  reload();
}

void weather::no_writes() { deny_publish("$KV.>"); }
void weather::no_writes_to_torn() { deny_publish(detail::concat("$KV.", torn, ".>")); }
void weather::no_api() { deny_publish("$JS.API.>"); }
void weather::no_flow_control() { deny_publish("$JS.FC.>"); }
void weather::no_direct_get() { deny_publish("$JS.API.DIRECT.GET.>"); }
void weather::no_message_get() { deny_publish("$JS.API.STREAM.MSG.GET.>"); }
void weather::no_stream_info() { deny_publish("$JS.API.STREAM.INFO.>"); }
void weather::no_new_consumers() { deny_publish("$JS.API.CONSUMER.CREATE.>"); }
void weather::no_deleted_consumers() { deny_publish("$JS.API.CONSUMER.DELETE.>"); }
void weather::no_replies() { deny_subscribe("_INBOX.>"); }

// --- of the server and the account ----------------------------------------------------------------

void weather::limit(const std::string& setting, const std::string& value) {
  place_.configured().server[setting] = value;
  reload();
  rest(500ms, 3s);
  place_.configured().server.erase(setting);
  reload();
}

void weather::limit_account(const std::string& setting, const std::string& value) {
  place_.configured().account[setting] = value;
  reload();
  rest(500ms, 3s);
  place_.configured().account.erase(setting);
  reload();
}

// Servers announce it by the INFO of a new connection only: without one, clients go on refusing what is permitted again.
void weather::small_payload() {
  limit("max_payload", "1000");
  place_.with_link([](test::fault_proxy& link) { link.cut_all(test::cut_with::fin); });
}
void weather::short_control_line() { limit("max_control_line", "256"); }
void weather::few_connections() { limit("max_connections", "2"); }
// No server takes this one by a reload.
void weather::few_subscriptions() {
  place_.configured().server["max_subscriptions"] = "3";
  place_.restart(true);
  rest(500ms, 3s);
  place_.configured().server.erase("max_subscriptions");
  place_.restart(true);
}
void weather::few_streams() { limit_account("max_streams", "2"); }
void weather::few_consumers() { limit_account("max_consumers", "2"); }
void weather::little_storage() { limit_account("max_file", "5000"); }

void weather::account_without_jetstream() {
  place_.configured().account_has_jetstream = false;
  reload();
  rest(200ms, 3s);
  place_.configured().account_has_jetstream = true;
  reload();
}

// --- of the stream, by somebody else --------------------------------------------------------------

void weather::change_torn(const place::settings& change, const place::settings& back) {
  place_.update_torn(change);
  rest(500ms, 3s);
  place_.update_torn(back);
}

void weather::without_direct_get() { change_torn({{"allow_direct", "false"}}, {{"allow_direct", "true"}}); }
void weather::short_history() {
  change_torn({{"max_msgs_per_subject", "1"}}, {{"max_msgs_per_subject", torn_history_text}});
}
void weather::full() { change_torn({{"max_bytes", any(2) == 0 ? "1000" : "20000"}}, {{"max_bytes", "-1"}}); }
void weather::small_messages() { change_torn({{"max_msg_size", "200"}}, {{"max_msg_size", "-1"}}); }
void weather::short_lived() {
  change_torn({{"max_age", "1000000000"}, {"duplicate_window", "1000000000"}},
              {{"max_age", "0"}, {"duplicate_window", "120000000000"}});
}
void weather::discard_old() {
  change_torn({{"discard", "\"old\""}, {"max_msgs", "20"}}, {{"discard", "\"new\""}, {"max_msgs", "-1"}});
}

void weather::purged() { place_.ask(detail::concat("STREAM.PURGE.KV_", torn)); }

void weather::created_again() {
  place_.ask(detail::concat("STREAM.DELETE.KV_", torn));
  rest(0ms, 3s);
  place_.make_stream(torn);
}

void weather::consumers_deleted() {
  for (const std::string_view bucket : {kept, torn}) {
    for (const std::string& name : place_.consumers(bucket)) {
      if (any(3) != 0) place_.ask(detail::concat("CONSUMER.DELETE.KV_", bucket, ".", name));
    }
  }
}

// --- of the server and the network ----------------------------------------------------------------

void weather::restarted() { place_.server().restart(); }

void weather::killed() {
  place_.server().kill();
  rest(0ms, 2s);
  place_.server().start();
}

void weather::without_jetstream() {
  place_.configured().account_has_jetstream = false;
  place_.restart(false);
  rest(200ms, 3s);
  place_.configured().account_has_jetstream = true;
  place_.restart(true);
}

void weather::paused() {
  place_.server().pause();
  rest(500ms, 6s);
  place_.server().resume();
}

void weather::cut() {
  const auto how = any(2) == 0 ? test::cut_with::fin : test::cut_with::reset;
  for (std::size_t i = any(4) + 1; i > 0; --i) {
    place_.with_link([&](test::fault_proxy& link) { link.cut_all(how); });
    rest(0ms, 400ms);
  }
}

void weather::stalled() {
  const auto way = any(2) == 0 ? test::direction::to_client : test::direction::to_server;
  place_.with_link([&](test::fault_proxy& link) { link.set(way, {.stalled = true}); });
  rest(300ms, 5s);
  place_.with_link([](test::fault_proxy& link) { link.set_both({}); });
}

void weather::another_program() { end_abruptly(place_.url(), random_); }

}  // namespace kvco::chaos::soak
