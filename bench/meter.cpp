// The cost of a run. See the header.
#include <bench/allocations.hpp>
#include <bench/meter.hpp>

#include <time.h>
#include <unistd.h>
#include <algorithm>
#include <fstream>

namespace kvco::bench {
namespace {

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Resets the high-water mark (proc(5)); where that is not permitted it is that of the whole process.
void reset_peak() { std::ofstream("/proc/self/clear_refs") << '5'; }

std::uint64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    std::uint64_t kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

meter::meter(std::uint64_t expected) : expected_(expected), half_(expected / 2) {
  reset_peak();
  resident_ = resident_bytes();
  from_ = allocations();
  cpu_ = cpu_seconds();
  start_ = clock::now();
}

void meter::note_half() noexcept {
  from_ = allocations();
  done_before_ = done_;
  steady_ = true;
}

void meter::note_end() noexcept { to_ = allocations(); }

outcome meter::finish() {
  outcome spent;
  spent.seconds = std::chrono::duration<double>(clock::now() - start_).count();
  spent.cpu_seconds = cpu_seconds() - cpu_;
  if (done_ != expected_) {
    throw std::runtime_error(std::to_string(done_) + " operations were done instead of " +
                             std::to_string(expected_));
  }
  spent.operations = done_;
  spent.allocations = static_cast<double>(to_ - from_) / static_cast<double>(done_ - done_before_);
  spent.peak_bytes = peak_bytes();
  spent.grown_bytes = spent.peak_bytes - std::min(spent.peak_bytes, resident_);
  return spent;
}

}  // namespace kvco::bench
