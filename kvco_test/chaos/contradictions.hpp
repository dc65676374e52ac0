// Sees what servers answer, and finds where they contradict themselves.
//
// After a partition the old leader of a stream goes on for a moment beside the new one: both get a request, and both
// answer it. The old one refuses by what it knows what the new one stores, or reads what is not the last any more. The
// client takes the first answer, and no client could know better; but both answers are on the wire, and that is the proof.
#pragma once

#include <kvco/entry.hpp>
#include <kvco_test/support/server_frames.hpp>
#include <set>
#include <string>
#include <unordered_map>

namespace kvco::chaos {

struct contradictions {
  std::set<revision> stored;  ///< acknowledged with this revision, after a refusal of the same request
  std::set<revision> stale;   ///< read from a leader, while another one answered with a newer revision
};

/// Of one link between a client and a node.
class answer_watcher {
 public:
  explicit answer_watcher(contradictions& to) : to_(to) {}
  void see(const test::server_frame& frame);

 private:
  struct answer {
    bool refused = false;
    revision read = 0;
  };
  static constexpr std::size_t most = 4096;  // more than can be on their way

  contradictions& to_;
  std::unordered_map<std::string, answer> answers_, older_;
};

}  // namespace kvco::chaos
