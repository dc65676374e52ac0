// A round of a soak. See the header.
#include <kvco_test/chaos/soak/round.hpp>

#include <kvco_test/chaos/soak/guests.hpp>
#include <kvco_test/chaos/soak/place.hpp>
#include <kvco_test/chaos/soak/weather.hpp>
#include <kvco_test/chaos/soak/witness.hpp>
#include <kvco_test/support/judges/check_operations.hpp>
#include <kvco_test/support/judges/check_watches.hpp>
#include <kvco_test/support/judges/stream_reader.hpp>

#include <absl/strings/str_cat.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// P1: beside the time by which the reactor itself was late.
constexpr duration own_margin = 250ms;
// After something was given back a client may still have an answer from before, and who was told that it may not receive finds
// out by its next request.
constexpr duration shortly = 2s;
constexpr auto calm = 5s;  // of it the part behind `shortly` has no cause for any error
constexpr duration sight_bound = 20s;
// A consumer that nobody could delete goes by its own threshold (30 s), which the server looks at once in a while.
constexpr auto consumers_gone_bound = 60s;
constexpr std::size_t least_work = 500;  // calls that have succeeded, else the round does not count

class round {
 public:
  round(const options& wanted, std::uint64_t seed, tally& to, test::verdict& found)
      : options_(wanted),
        tally_(to),
        found_(found),
        place_(wanted, seed),
        witness_(place_.server().port()),
        weather_(place_, wanted, seed),
        clients_([this](asio::io_context& reactor) { run(reactor); }),
        guests_(clients_.reactor(), place_.url(), seed + 1, log_, notes_) {}

  ~round() {
    clients_.join();
    if (options_.logs.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(options_.logs, ignored);
    std::ofstream(std::filesystem::path(options_.logs) / "server.log") << place_.server().log();
  }
  round(const round&) = delete;
  round& operator=(const round&) = delete;

  void go(std::chrono::seconds weather_lasts) {
    tally_.server_version = place_.server().version();
    clients_.call([this] { guests_.arrive(); });
    std::this_thread::sleep_for(1s);
    weather_.run_until(steady_clock::now() + weather_lasts);
    std::this_thread::sleep_for(calm);
    on_clients(guests_.see_last_value(sight_bound));
    on_clients(guests_.leave(own_margin));
    expect_no_consumers();
    judge();
    count();
  }

 private:
  // What a handler throws leaves run(), and nothing else is lost by it. Of several in one turn Asio keeps the first.
  void run(asio::io_context& reactor) {
    while (!reactor.stopped()) {
      try {
        run_until_one_throws(reactor);
      } catch (const thrown_on_purpose&) {
        ++tally_.thrown;
      }
    }
  }
  static void run_until_one_throws(asio::io_context& reactor) try {
    reactor.run();
  } catch (const asio::multiple_exceptions& several) {
    std::rethrow_exception(several.first_exception());
  }

  void on_clients(asio::awaitable<void> what) {
    asio::co_spawn(clients_.reactor(), std::move(what), asio::use_future).get();
  }

  void expect_no_consumers() {
    const auto give_up = steady_clock::now() + consumers_gone_bound;
    for (const std::string_view bucket : {kept, torn}) {
      std::vector<std::string> left;
      while (!(left = place_.consumers(bucket)).empty() && steady_clock::now() < give_up) {
        std::this_thread::sleep_for(100ms);
      }
      for (const std::string& name : left)
        found_.add("V11", name + " is left behind on " + std::string(bucket));
    }
  }

  void judge() {
    clients_.join();
    check_deadlines(log_, own_margin + guests_.lag(), found_);
    check_causes(log_, all_troubles(), shortly, found_);
    check_words(log_, found_);
    for (const std::string& words : place_.malformed()) found_.add("V9", words);
    for (const std::string& words : guests_.failures()) found_.add("V14", words);
    judge_kept();
    judge_server();
  }

  std::vector<trouble> all_troubles() {
    witness_.end();
    std::vector<trouble> all = weather_.troubles();
    all.insert(all.end(), witness_.silences().begin(), witness_.silences().end());
    all.insert(all.end(), guests_.late().begin(), guests_.late().end());
    return all;
  }

  void judge_kept() {
    const test::stored_stream truth = test::read_stream({place_.server().port()}, kept, notes_, kept_history);
    tally_.revisions += truth.all().size();
    const test::attribution by(notes_, truth, found_);
    test::check_effects(notes_, truth, by, found_);
    test::check_linearizable(notes_, truth, by, found_);
    test::check_creates(notes_, truth, found_);
    test::check_sessions(notes_, truth, by, found_);
    for (const test::watch_record& watch : notes_.watches) {
      test::check_order(watch, notes_, truth, by, found_);
      test::check_complete(watch, notes_, truth, by, found_);
      test::check_initial(watch, notes_, truth, found_);
    }
  }

  // One server has nobody to disagree with: a write that it refuses and stores was sent twice. (A read may be: it has two answers
  // then, and the first one counts.)
  void judge_server() {
    for (const revision rev : place_.seen().stored) {
      found_.add("V15", "refused, and then stored as revision " + std::to_string(rev));
    }
  }

  void count() {
    std::size_t succeeded = 0;
    for (const call& one : log_.calls) {
      succeeded += !one.code;
      ++tally_.calls[std::string(one.what)][one.code ? one.code.message() : "ok"];
    }
    tally_.count += log_.calls.size();
    tally_.lag = std::chrono::duration_cast<std::chrono::milliseconds>(guests_.lag());
    tally_.watches += notes_.watches.size();
    for (const trouble& one : all_troubles()) ++tally_.troubles[one.name];
    if (succeeded < least_work) {
      throw std::runtime_error(
          absl::StrCat("only ", succeeded, " calls have succeeded: the round does not count"));
    }
  }

  const options& options_;
  tally& tally_;
  test::verdict& found_;
  call_log log_;
  test::history notes_;
  place place_;
  witness witness_;
  weather weather_;
  test::reactor_thread clients_;
  guests guests_;
};

}  // namespace

void play_round(const options& wanted, std::uint64_t seed, std::chrono::seconds weather_lasts, tally& to,
                test::verdict& found) {
  round(wanted, seed, to, found).go(weather_lasts);
}

}  // namespace kvco::chaos::soak
