// The summary of a run, for people.
#pragma once

#include <kvco_test/chaos/crowd.hpp>
#include <kvco_test/chaos/faults.hpp>
#include <kvco_test/chaos/options.hpp>
#include <kvco_test/support/judges/history.hpp>
#include <kvco_test/support/judges/verdict.hpp>
#include <ostream>

namespace kvco::chaos {

/// What is known beside the history.
struct findings {
  test::verdict violations;
  std::string server_version;
  double seconds = 0;                      ///< from the first operation to the last
  double rate_before = 0;                  ///< operations per second before the first fault
  std::size_t stored = 0;                  ///< messages in the bucket at the end
  std::size_t watches = 0, consumers = 0;  ///< when all faults were over: open, and on the server
  std::size_t orphans = 0;                 ///< consumers that are counted at the very end
  std::size_t contradicted = 0;            ///< operations that an old leader has answered beside the new one
  std::size_t told_early_end = 0;  ///< watches that an old leader has told of an earlier end of the stream
  site::dialling dials;
};

void print(std::ostream& out, const options& wanted, const findings& found, const test::history& notes,
           const crowd& people, const faults& trouble);

}  // namespace kvco::chaos
