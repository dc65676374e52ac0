// A stream of the fake server: what JetStream does with the messages of a bucket, in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <kvco_test/support/simulation/stream_model.hpp>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

/// A message of the stream: its key is the whole subject.
using stored = written;

struct fake_consumer {
  std::string name, deliver_subject;
  std::vector<std::string> filters;
  std::uint64_t next = 1;       // stream sequence to look at next
  std::uint64_t delivered = 0;  // consumer sequence
  std::uint64_t last_stream_sequence = 0;
  std::int64_t heartbeat_ns = 0;
  std::int64_t last_sent_ns = 0;
  std::uint64_t heartbeats = 0;
  bool headers_only = false;
  bool fast = true;                  // deliver everything at once
  std::deque<std::uint64_t> queued;  // sequences to deliver
};

class fake_stream {
 public:
  fake_stream(std::string name, std::string config, std::string created);

  const std::string& name() const noexcept { return name_; }
  const std::string& config() const noexcept { return config_; }
  void set_config(std::string config);
  const std::string& created() const noexcept { return created_; }
  std::uint64_t last_sequence() const noexcept { return model_.last(); }
  /// Those that are still there, in their order.
  auto messages() const {
    return model_.log() | std::views::filter([](const stored& m) { return m.stored; });
  }

  struct stored_or_error {
    std::uint64_t sequence = 0;
    int err_code = 0;
    std::string text;
    bool duplicate = false;
  };
  /// What a publish does: checks the id and the expectation, rolls up, stores, forgets what history does not keep.
  stored_or_error store(const std::string& subject, const std::string& header, const std::string& payload,
                        std::int64_t now_ns = 0);
  /// Forgets the messages of the subject (">": of all) before this sequence: how many.
  std::size_t purge(std::string_view subject, std::uint64_t below);
  /// The first message of the subject at or behind this sequence.
  const stored* next_of(std::string_view subject, std::uint64_t from) const;

  // How it recognises a message that it has already; a test changes this.
  bool looks_at_ids_first = true;  // before the expected revision; servers differ (facts F1, F2)
  std::int64_t duplicate_window_ns = 120'000'000'000;

  const stored* last_of(std::string_view subject) const;
  const stored* at(std::uint64_t sequence) const;
  std::string info_json() const;
  bool allows_direct() const noexcept { return allows_direct_; }

  std::map<std::string, fake_consumer> consumers;

 private:
  std::vector<std::uint64_t> revisions_of(std::string_view subject) const;

  std::string name_, config_, created_;
  bool allows_direct_ = false;
  stream_model model_{1};
  struct known_id {
    std::uint64_t sequence = 0;
    std::int64_t at_ns = 0;
  };
  std::map<std::string, known_id> ids_;
};

}  // namespace kvco::test
