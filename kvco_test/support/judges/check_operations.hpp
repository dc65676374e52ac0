// Judges the operations of a history against what the bucket holds at the end: checkers V1 to V4, and P5.
#pragma once

#include <kvco_test/support/judges/history.hpp>
#include <kvco_test/support/judges/verdict.hpp>
#include <set>
#include <vector>

namespace kvco::test {

/// Which operation wrote which message. A value is unique and names its operation; a marker was written by the erase() or
/// purge() that got its revision as an answer, else by one of unknown outcome; or by one that was refused, where servers were
/// seen to acknowledge that revision after they had refused it.
class attribution {
 public:
  attribution(const history& ops, const stored_stream& truth, verdict& to,
              const std::set<revision>& refused_and_stored = {});

  /// The operation that wrote it; nothing if none did: that was reported.
  const operation_record* writer(const seen_revision& message) const;
  /// Under which revision an operation was stored; 0: it was not, or that is not known.
  revision landed(const operation_record& op) const;
  /// The operation whose answer had this revision, also where the message is gone by now.
  const operation_record* acknowledged(revision rev) const;

 private:
  void attribute_value(const seen_revision& message, verdict& to);
  using markers = std::unordered_map<key_number, std::vector<const operation_record*>>;
  void attribute_marker(const seen_revision& message, bool refused_and_stored, verdict& to);
  const operation_record* take(markers& from, const seen_revision& message) const;

  const history& ops_;
  const stored_stream& truth_;
  std::unordered_map<std::uint64_t, const operation_record*> by_value_;
  std::unordered_map<revision, const operation_record*> by_ack_, writers_;
  std::unordered_map<const operation_record*, revision> landed_;
  markers unknown_markers_, refused_markers_;
};

/// V1: each operation completed once, by its deadline and this margin.
void check_completion(const history& ops, duration margin, verdict& to);

/// V2: what was acknowledged is stored, as it was acknowledged, once; what was refused is not (P2, P3). That nothing is stored
/// that nobody wrote is told by the attribution.
void check_effects(const history& ops, const stored_stream& truth, const attribution& by, verdict& to);

/// V3: compare-and-set saw the revision that it named; per key, all writes and reads of the leader have an order that
/// agrees with real time. Revisions are that order, so one pass over sorted intervals decides. An operation of unknown
/// outcome that was stored may have been so at any time after it began.
void check_linearizable(const history& ops, const stored_stream& truth, const attribution& by, verdict& to);

/// V4: between two successful create() of a key there is a deletion.
void check_creates(const history& ops, const stored_stream& truth, verdict& to);

/// P5: a handle's get() finds nothing older than what operations of the same handle that had ended before it were told of the
/// key.
void check_sessions(const history& ops, const stored_stream& truth, const attribution& by, verdict& to);

/// An operation in words, with its times since the first of the history.
std::string describe(const history& ops, const operation_record& op);
std::string describe(const history& ops, const seen_revision& what);

}  // namespace kvco::test
