// Sees what servers answer, and finds where they contradict themselves.
//
// After a partition the old leader of a stream goes on for a moment beside the new one: both get a request, and both
// answer it. The old one refuses by what it knows what the new one stores, or reads what is not the last any more. The
// client takes the first answer, and no client could know better; but both answers are on the wire, and that is the proof.
// A client that reaches the old leader alone gets one answer: there the proof is a newer revision of the key, which had been
// acknowledged or read on the wire to some client before the question was. So it is where a watch asks how
// far the stream goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <kvco/entry.hpp>
#include <kvco_test/support/faults/server_frames.hpp>
#include <kvco_test/support/judges/client_frames.hpp>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kvco::chaos {

struct contradictions {
  std::set<revision> stored;  ///< acknowledged with this revision, after a refusal of the same request
  std::set<revision> stale;   ///< read from a leader, though a newer one of the key was known to be stored
  /// By subject: when a leader knew nothing of it, or less than was known to be stored. A value that it did not know shows as
  /// "there is none" also where what it knows is a deletion.
  std::multimap<std::string, std::chrono::steady_clock::time_point> behind;
  /// The leader told a client that the stream, or what matches a filter, ends here, though something newer was known to be stored.
  struct early_end {
    std::size_t client = 0;
    std::chrono::steady_clock::time_point when{};
    revision last = 0;
  };
  std::vector<early_end> early_ends;
  /// By subject: the newest revision that was acknowledged or read on the wire so far.
  std::unordered_map<std::string, revision> known;
  revision newest = 0;  ///< of all of these
};

/// Of one link between a client and a node.
class answer_watcher {
 public:
  answer_watcher(contradictions& to, std::size_t client) : to_(to), client_(client) {}
  void see(const test::client_frame& request);
  void see(const test::server_frame& frame);

 private:
  // By the subject of the answer; only those that may be on their way are kept.
  template <class T>
  class recent {
   public:
    T* find(const std::string& subject) {
      for (auto* part : {&now_, &before_}) {
        if (const auto found = part->find(subject); found != part->end()) return &found->second;
      }
      return nullptr;
    }
    void add(const std::string& subject, T value) {
      if (now_.size() >= most) before_ = std::exchange(now_, {});
      now_.emplace(subject, std::move(value));
    }

   private:
    static constexpr std::size_t most = 4096;
    std::unordered_map<std::string, T> now_, before_;
  };
  enum class asks : std::uint8_t { to_write, for_key, for_end, replica };
  struct question {
    std::string subject;
    asks what = asks::to_write;
    revision last_seen = 0;  // of one for the leader: what was acknowledged before
  };
  struct answer {
    bool refused = false;
    revision read = 0;
  };

  void note_known(const std::string& subject, revision rev);
  revision newest_of(const std::string& subject, bool is_key) const;

  contradictions& to_;
  std::size_t client_;
  recent<question> questions_;
  recent<answer> answers_;
};

}  // namespace kvco::chaos
