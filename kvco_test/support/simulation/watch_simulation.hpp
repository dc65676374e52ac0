// An ordered consumer, a simulated server and a user, joined by simulated time and an unreliable connection.
// Everything follows from the plan and its seed: the same plan gives the same run.
#pragma once

#include <deque>
#include <functional>
#include <kvco/core/ordered_consumer.hpp>
#include <kvco_test/support/judges/watch_oracle.hpp>
#include <kvco_test/support/simulation/server_model.hpp>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

enum class fault {
  drop_delivery,       // the next thing on the way to the client is lost
  duplicate_delivery,  // ... comes twice
  swap_deliveries,     // ... changes places with the one behind it
  drop_heartbeats,     // for two and a half intervals
  lose_reply,          // the next reply of the API
  refuse_call,         // the next reply of the API is an error that passes
  delete_consumer,     // nobody is told
  lose_answer,         // the next answer to flow control
  break_flow,          // the consumer takes no answer to flow control any more
  cut,                 // the connection ends; open calls are told before the consumer is
  cut_late,            // ... after it
  cut_during_calls,    // ... never: the session asks again by itself, or gave up
  expire,              // an undelivered message goes without a trace
  delete_stream,
  recreate_stream,
};
std::string_view to_string(fault what);
const std::vector<fault>& passing_faults();  // after which a watch catches up

struct simulation_plan {
  generation server = generation::v2_15;
  jetstream::deliver_policy deliver = jetstream::deliver_policy::last_per_subject;
  std::size_t history = 1;
  std::uint64_t start = 1;  // by_start_sequence
  std::vector<std::string> filters = {">"};
  bool ignore_deletes = false, headers_only = false;
  int keys = 8;               // how many there are to write to
  int writes_before = 10;     // before the watch begins
  int writes = 30;            // of 100 actions
  std::int64_t window = 600;  // bytes that are sent until flow control is answered
  core::duration longest_wait = std::chrono::seconds(20);  // now and then, so that deadlines pass
  unsigned seed = 1;

  std::string name() const;
};

class watch_simulation {
 public:
  explicit watch_simulation(simulation_plan plan);

  /// Random actions: of the server, the network, the user, other writers, and time.
  void run(int steps);
  void inject(fault what);
  /// Other writers stop, the user takes everything, and a minute and a half passes.
  void settle();
  void stop();

  core::ordered_consumer& consumer() noexcept { return consumer_; }
  server_model& server() noexcept { return server_; }
  watch_oracle& oracle() noexcept { return oracle_; }
  std::mt19937& random() noexcept { return random_; }
  core::time_point now() const noexcept { return now_; }
  std::uint64_t given() const noexcept { return given_; }
  /// Messages of the stream that the client was sent, on all connections.
  std::uint64_t received() const noexcept { return received_; }
  /// Entries that the user leaves lying are not consumed: false stops it from taking any.
  void set_reading(bool reading) noexcept { reading_ = reading; }
  /// A lie in the next reply to CONSUMER.CREATE.
  void lie_about_pending(std::function<std::uint64_t(std::uint64_t)> lie) { lie_ = std::move(lie); }
  /// What went wrong by now; empty: nothing.
  const std::vector<std::string>& problems() const noexcept { return oracle_.problems(); }
  /// The rules for what the watch leaves on the server, and how often it asked.
  void check_traces();

 private:
  struct replies {
    jetstream::outcome<jetstream::stream_info> info{};
    jetstream::outcome<jetstream::consumer_info> consumer{};
    jetstream::outcome<std::uint64_t> last{};
  };
  enum class question { inspect, locate, create };
  struct call {
    question asked{};
    std::uint64_t epoch = 0;
    core::time_point expires;
    bool answered = false;  // the reply is on its way
    replies reply{};        // the one to the question counts
  };
  struct flow_request {
    std::uint64_t due = 0;  // entries to be taken first
    int asked = 0, answered = 0;
  };

  void populate();
  void connect();
  void disconnect(fault how);
  void run_commands();
  void execute(core::consumer_command::any& command);

  bool server_step();
  bool reply_step();
  bool pump_step();
  bool receive_step();
  bool user_step(std::uint64_t most);
  void writer_step();
  void time_step(core::duration most);
  std::optional<core::time_point> next_time() const;
  void on_time();

  void serve(core::consumer_command::any& command);
  void answer(question asked, std::uint64_t epoch, replies reply);
  void tell(call& open);
  void send(std::vector<delivery>& out);
  void hand_over(const delivery& what);
  void expire_one();

  simulation_plan plan_;
  core::consumer_settings settings_;
  std::mt19937 random_;
  core::time_point now_{std::chrono::hours(1)};
  server_model server_;
  core::ordered_consumer consumer_;
  watch_oracle oracle_;

  std::deque<core::consumer_command::any> to_server_;
  std::deque<delivery> to_client_;
  std::deque<call> calls_;
  std::map<std::string, flow_request> flows_;
  std::string subscription_;
  std::function<std::uint64_t(std::uint64_t)> lie_;
  std::vector<core::time_point> creates_, connects_;
  std::optional<core::time_point> reconnect_at_;
  core::time_point heartbeats_lost_until_{};
  std::uint64_t given_ = 0, taken_ = 0, received_ = 0;
  int payloads_ = 0;
  bool connected_ = false, reading_ = true, was_established_ = false, was_complete_ = false;
  bool lose_reply_ = false, refuse_call_ = false, lose_answer_ = false;
};

}  // namespace kvco::test
