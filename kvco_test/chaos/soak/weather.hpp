// What is taken away in a soak, and given back: a table with weights, chosen by the seed.
#pragma once

#include <chrono>
#include <kvco_test/chaos/soak/calls.hpp>
#include <kvco_test/chaos/soak/place.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace kvco::chaos::soak {

/// From the thread that the place belongs to. What takes permissions away may last while something else happens.
class weather {
 public:
  weather(place& where, const options& wanted, std::uint64_t seed);

  void run_until(moment end);
  const std::vector<trouble>& troubles() const { return troubles_; }

 private:
  struct kind {
    std::string name;
    double weight;
    errors explains;
    void (weather::*happen)();
  };
  static const std::vector<kind>& table();
  static const std::vector<kind>& denials();

  const kind& choose();
  void happen(const kind& what);
  void hold();
  void rest(std::chrono::milliseconds least, std::chrono::milliseconds most);
  std::size_t any(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }

  void reload();
  void deny_publish(const std::string& subject);
  void deny_subscribe(const std::string& subject);
  void limit(const std::string& setting, const std::string& value);
  void limit_account(const std::string& setting, const std::string& value);
  void change_torn(const place::settings& change, const place::settings& back);

  // Of users.
  void no_writes();
  void no_writes_to_torn();
  void no_api();
  void no_flow_control();
  void no_direct_get();
  void no_message_get();
  void no_stream_info();
  void no_new_consumers();
  void no_deleted_consumers();
  void no_replies();
  // Of the server and the account.
  void small_payload();
  void short_control_line();
  void few_connections();
  void few_subscriptions();
  void few_streams();
  void few_consumers();
  void little_storage();
  void account_without_jetstream();
  // Of the stream, by somebody else.
  void without_direct_get();
  void short_history();
  void full();
  void small_messages();
  void discard_old();
  void short_lived();
  void purged();
  void created_again();
  void consumers_deleted();
  // Of the server and the network.
  void restarted();
  void killed();
  void without_jetstream();
  void paused();
  void cut();
  void stalled();
  void another_program();

  place& place_;
  const options& options_;
  std::mt19937_64 random_;
  std::vector<kind> kinds_;
  std::vector<trouble> troubles_;
  int depth_ = 0;
};

}  // namespace kvco::chaos::soak
