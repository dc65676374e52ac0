// A round of a soak: a server and clients of its own, some time of weather, a calm, and the judges.
#pragma once

#include <chrono>
#include <kvco_test/chaos/options.hpp>
#include <kvco_test/support/judges/verdict.hpp>
#include <map>
#include <string>

namespace kvco::chaos::soak {

/// Of all rounds.
struct tally {
  std::map<std::string, std::map<std::string, std::size_t>> calls;  ///< by what was called, and how it ended
  std::map<std::string, std::size_t> troubles;
  std::size_t count = 0, thrown = 0, watches = 0, revisions = 0;
  std::chrono::milliseconds lag{};  ///< of the last round, see guests
  std::string server_version;
};

/// Adds what it has done to `to`, and what is wrong to `found`. Throws where the round could not be judged.
void play_round(const options& wanted, std::uint64_t seed, std::chrono::seconds weather_lasts, tally& to,
                test::verdict& found);

}  // namespace kvco::chaos::soak
