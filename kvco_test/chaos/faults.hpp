// What goes wrong in a run: a table of faults with weights, chosen by the seed.
#pragma once

#include <chrono>
#include <functional>
#include <kvco_test/chaos/site.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace kvco::chaos {

/// One fault at a time, from the thread that the servers belong to. Each ends with what it needs to be over.
class faults {
 public:
  faults(site& where, const options& wanted);

  /// Goes on until this time.
  void run_until(std::chrono::steady_clock::time_point end);
  /// All nodes run, all ways are open, the stream is healthy. Throws when it does not become so.
  void heal();

  const std::map<std::string, std::size_t>& counts() const { return counts_; }
  std::size_t count() const;

 private:
  struct kind {
    std::string name;
    double weight;
    std::chrono::seconds longest;  // it is not begun when there is less time left
    void (faults::*happen)();
  };
  static const std::vector<kind>& table();

  const kind* choose(std::chrono::seconds left);
  void sleep(std::chrono::milliseconds least, std::chrono::milliseconds most);
  std::size_t any(std::size_t count);
  std::size_t leader_or_any();
  std::vector<std::size_t> some_clients();

  void kill_leader();
  void kill_node();
  void kill_all();
  void pause_leader();
  void pause_node();
  void retire_node();
  void retire_all_in_turn();
  void step_down();
  void meta_step_down();
  void cut_off_leader();
  void silence_routes();
  void cut_with_fin();
  void cut_with_reset();
  void refuse_clients();
  void stall_to_client();
  void stall_to_server();
  void throttle();
  void split_and_join();
  void lose_frames();
  void repeat_frames();
  void spoil_frame();
  void delete_consumers();

  void end_connections(test::cut_with how);
  void stall(test::direction way);
  void restart(std::size_t node);
  void filter_frames(test::fate what, double chance);

  site& site_;
  const options& options_;
  std::mt19937_64 random_;
  std::vector<kind> kinds_;
  std::map<std::string, std::size_t> counts_;
};

}  // namespace kvco::chaos
