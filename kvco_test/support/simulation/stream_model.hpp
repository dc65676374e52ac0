// A bucket's stream as the server keeps it, without a server: sequences, history, and what was ever written.
#pragma once

#include <cstdint>
#include <kvco/entry.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

/// One write, kept for ever: what the stream still holds is marked, so that a test knows what may be missed.
struct written {
  std::uint64_t seq = 0;
  std::string key, payload, header;
  kvco::operation op = kvco::operation::put;
  bool stored = true;         // false: superseded, purged or expired since
  bool was_not_last = false;  // a last_per_subject consumer was created while a newer revision existed
};

/// Told of every change, in the order in which the server tells its consumers.
class stream_observer {
 public:
  virtual void on_stored(const written& message) = 0;
  virtual void on_removed(const written& message) = 0;

 protected:
  ~stream_observer() = default;
};

class stream_model {
 public:
  explicit stream_model(std::size_t history) : history_(history) {}

  /// From the next write on.
  void set_history(std::size_t history) noexcept { history_ = history; }

  void observe(stream_observer& who) { observers_.push_back(&who); }
  void forget(stream_observer& who) { std::erase(observers_, &who); }

  std::uint64_t put(std::string_view key, std::string payload);
  std::uint64_t erase(std::string_view key);  // a marker; the history stays
  std::uint64_t purge(std::string_view key);  // a marker; the history goes (Nats-Rollup)
  /// A write with a header block of its own.
  std::uint64_t write(std::string_view key, std::string payload, std::string header, kvco::operation op);
  /// A message goes without a trace: it expired. False: it is gone already.
  bool expire(std::uint64_t seq);

  /// The same name, another stream: sequences start again.
  void recreate();
  int incarnation() const noexcept { return incarnation_; }
  std::string created() const { return "2026-01-01T00:00:0" + std::to_string(incarnation_) + "Z"; }

  const std::vector<written>& log() const noexcept { return log_; }
  std::vector<written>& log() noexcept { return log_; }
  std::uint64_t last() const noexcept { return log_.size(); }
  std::uint64_t first() const noexcept;
  std::size_t history() const noexcept { return history_; }
  const written& at(std::uint64_t seq) const { return log_.at(seq - 1); }
  bool has(std::uint64_t seq) const { return seq >= 1 && seq <= last() && at(seq).stored; }
  /// There was a time when nothing was stored for this key, though there had been.
  bool has_vanished(std::string_view key) const { return vanished_.contains(key); }
  /// The stored revisions of each key, oldest first.
  const std::map<std::string, std::vector<std::uint64_t>, std::less<>>& keys() const noexcept {
    return keys_;
  }

 private:
  void remove(std::uint64_t seq);

  std::size_t history_;
  std::vector<written> log_;  // sequence n stands at n - 1
  std::map<std::string, std::vector<std::uint64_t>, std::less<>> keys_;
  std::set<std::string, std::less<>> vanished_;
  std::vector<stream_observer*> observers_;
  int incarnation_ = 1;
};

}  // namespace kvco::test
