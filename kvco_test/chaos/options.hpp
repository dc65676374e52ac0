// What a run of the chaos is to be like.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::chaos {

struct options {
  std::chrono::seconds duration{30};  ///< of the faults; start, healing and judging come on top
  std::string version = "newest";     ///< of the servers: 2.10, 2.15, newest, or mixed
  std::uint64_t seed = 0;             ///< of the faults and of what clients do; 0: KVCO_SEED, or new
  double rate = 1500;                 ///< operations per second that are begun while all goes well
  bool sync = false;                  ///< servers write through to the disk before they acknowledge
  std::string only;                   ///< faults whose name contains this; empty: all
  std::vector<std::string> without;   ///< faults and operations whose name contains one of these are left out
  int attempts = 1;      ///< with other seeds, while the servers' own failures leave nothing to judge
  std::string logs;      ///< a folder for the servers' logs; empty: they go with the servers
  bool verbose = false;  ///< tells each fault when it begins

  bool leaves_out(std::string_view name) const;
  /// The command for another run with the same faults. `program` is chaos or soak.
  std::string to_repeat(std::string_view program) const;
};

/// chaos [minutes] [--seconds N] [--version X] [--seed N] [--rate N] [--only FAULT] [--without FAULT]...
/// [--all] [--attempts N] [--logs FOLDER] [--sync] [--verbose]
/// Without --all nats-server 2.10 is not asked for what it fails at by itself.
/// Throws std::invalid_argument that tells how it is used.
options parse_options(int count, char** words);

}  // namespace kvco::chaos
