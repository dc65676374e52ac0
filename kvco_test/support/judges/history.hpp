// What clients did and saw, written down while it happens: what the checkers judge afterwards.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <kvco/entry.hpp>
#include <kvco/error.hpp>
#include <kvco/options.hpp>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kvco::test {

using moment = std::chrono::steady_clock::time_point;

/// get: with consistency::session.
enum class action : std::uint8_t { put, create, update, erase, purge, get, leader_get };
inline constexpr std::size_t action_count = 7;
std::string_view to_string(action what);
inline bool is_read(action what) { return what == action::get || what == action::leader_get; }
inline bool stores_value(action what) {
  return what == action::put || what == action::create || what == action::update;
}

enum class result : std::uint8_t {
  open,     ///< it has not completed
  ok,       ///< acknowledged, or read
  refused,  ///< a definite error: nothing was stored
  unknown,  ///< outcome_unknown, or cancelled after it was sent
};

using key_number = std::uint32_t;

struct operation_record {
  action what = action::put;
  result how = result::open;
  std::uint8_t completions = 0;
  bool contradicted = false;  ///< the servers were seen to answer it in two ways: it proves nothing
  std::uint32_t session = 0;  ///< the bucket handle, by number
  key_number key = 0;
  std::uint64_t value =
      0;  ///< Of a write that stores one: unique in the history. Of a read: what it found; 0: nothing.
  revision expected = 0;  ///< update(): the last revision; erase(), purge(): .last_revision, 0 for none
  revision rev = 0;       ///< ok: the write's, or that of the entry that was read; 0: there was none
  moment begin{}, end{};
  duration timeout{};
  error_code code;
};

/// As a watch has given it, or a raw read.
struct seen_revision {
  revision rev = 0;
  key_number key = 0;
  operation op = operation::put;
  std::uint64_t value = 0;
};

struct watch_record {
  enum class start : std::uint8_t { last, history, updates, from };

  std::string name;
  std::uint32_t session = 0;  ///< as in operation_record
  start where = start::last;
  revision from = 0;
  bool ignore_deletes = false, meta_only = false;
  std::vector<std::string> filters{">"};
  moment begin{};
  std::vector<seen_revision> entries;
  int initial_ends = 0;
  std::size_t initial_size = 0;  ///< entries before the end of the initial data
  moment initial_at{};
  /// The servers were seen to say that this was the last one of all, though it was not: what was later proves nothing.
  revision told_end = std::numeric_limits<revision>::max();
  std::string failure{};       ///< why it ended by itself: empty if it did not
  bool stopped_early = false;  ///< by its user, before the end of the initial data
};

class history {
 public:
  key_number key(std::string_view name);
  const std::string& name(key_number key) const { return names_.at(key); }
  std::size_t key_count() const { return names_.size(); }

  /// A value of so many bytes, and the number that it is known by.
  std::uint64_t next_value() { return ++last_value_; }
  static std::string text_of(std::uint64_t value, std::size_t size = 0);
  static std::uint64_t value_of(std::string_view text);  ///< 0 if it is none of ours

  operation_record& add(operation_record record) { return operations.emplace_back(std::move(record)); }

  std::deque<operation_record> operations;  // references stay valid
  std::deque<watch_record> watches;

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, key_number> numbers_;
  std::uint64_t last_value_ = 0;
};

/// What the bucket's stream holds at the end, read without kvco: the truth.
class stored_stream {
 public:
  /// @param messages  in the order of their revisions  @param history  so many a key keeps
  stored_stream(std::vector<seen_revision> messages, std::size_t history);
  stored_stream(stored_stream&&) = default;
  stored_stream(const stored_stream&) = delete;

  const std::vector<seen_revision>& all() const { return messages_; }
  const seen_revision* find(revision rev) const;
  /// The messages of a key, oldest first.
  const std::vector<const seen_revision*>& of(key_number key) const;
  const seen_revision* before(const seen_revision& message) const;  ///< the one before it of the same key
  /// Nothing of this key was pushed out by newer revisions or a purge.
  bool is_whole(key_number key) const;
  /// A message of this key and revision may have been there, and is gone by the bucket's own rules.
  bool may_be_gone(key_number key, revision rev) const;

 private:
  std::vector<seen_revision> messages_;
  std::size_t history_;
  std::vector<std::vector<const seen_revision*>> by_key_;
};

}  // namespace kvco::test
