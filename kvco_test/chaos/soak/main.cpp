// The soak: clients do anything at random with one server, whose permissions, limits, stream settings and JetStream come and go.
// Ends with 1 on a finding, 2 when a round could not be judged, 64 on bad arguments.
#include <kvco_test/chaos/options.hpp>
#include <kvco_test/chaos/soak/calls.hpp>
#include <kvco_test/chaos/soak/resources.hpp>
#include <kvco_test/chaos/soak/round.hpp>

#include <algorithm>
#include <exception>
#include <iomanip>
#include <iostream>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds longest_round = 2min;
constexpr std::size_t heap_growth = 1u << 20, descriptor_growth = 0;

void print(const tally& done) {
  std::cout << "\nsoak of nats-server " << done.server_version << ": " << done.count << " calls, "
            << done.thrown << " handlers that threw, " << done.watches << " judged watches, "
            << done.revisions << " judged revisions\n\n";
  for (const auto& [name, count] : done.troubles) std::cout << std::setw(6) << count << " x " << name << "\n";
  for (const auto& [what, outcomes] : done.calls) {
    std::cout << "\n" << what << "\n";
    for (const auto& [how, count] : outcomes) std::cout << std::setw(10) << count << " x " << how << "\n";
  }
  std::cout << std::endl;
}

// The same round alone: its weather has the same seed and length.
std::string to_repeat(const options& wanted, std::uint64_t seed, seconds length) {
  options round = wanted;
  round.seed = seed;
  round.duration = length;
  return round.to_repeat("soak");
}

bool soak_for(const options& wanted) {
  tally done;
  test::verdict all;
  std::vector<std::size_t> heap, descriptors;
  std::uint64_t seed = wanted.seed;
  const auto end = steady_clock::now() + wanted.duration;
  for (seconds left = wanted.duration; left > 0s; left = duration_cast<seconds>(end - steady_clock::now())) {
    const seconds length = std::min(left, longest_round);
    const std::string repeat = to_repeat(wanted, seed, length);
    std::cout << "round " << heap.size() + 1 << ", to repeat it: " << repeat << std::endl;
    test::verdict found;
    try {
      play_round(wanted, seed++, length, done, found);
    } catch (const std::exception& error) {
      std::cout << found.text();
      throw;
    }
    heap.push_back(heap_in_use());
    descriptors.push_back(open_descriptors());
    std::cout << "  " << done.count << " calls so far, " << heap.back() / 1024 << " KiB in use, "
              << descriptors.back() << " descriptors, a deadline was late by up to " << done.lag.count()
              << " ms\n";
    if (found.clean()) continue;
    std::cout << found.text() << "to repeat it: " << repeat << std::endl;
    all.add("rounds", repeat);
  }
  check_growth("bytes of the heap", heap, heap_growth, all);
  check_growth("descriptors", descriptors, descriptor_growth, all);
  print(done);
  std::cout << (all.clean() ? "no finding\n" : "findings\n" + all.text());
  return all.clean();
}

}  // namespace
}  // namespace kvco::chaos::soak

int main(int count, char** words) {
  kvco::chaos::options wanted;
  try {
    wanted = kvco::chaos::parse_options(count, words);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 64;
  }
  try {
    return kvco::chaos::soak::soak_for(wanted) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "soak: " << error.what() << "\n";
    return 2;
  }
}
