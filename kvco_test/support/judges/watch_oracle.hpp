// Judges what a watch gives out against what was written: ordered, unique, nothing lost, the end of the initial data.
#pragma once

#include <cstdint>
#include <kvco/core/ordered_consumer.hpp>
#include <kvco_test/support/simulation/server_model.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kvco::test {

class watch_oracle {
 public:
  watch_oracle(const core::consumer_settings& settings, const server_model& server)
      : settings_(settings), server_(server) {}

  /// The server has created a consumer for `epoch`.
  void on_created(std::uint64_t epoch);
  /// @param incarnation  of the stream that it comes from
  void on_entry(const kvco::detail::entry_fields& entry, std::uint64_t epoch, int incarnation);
  /// The watch stands for the first time, in this epoch.
  void on_established(std::uint64_t epoch) { settle_floor(epoch); }
  void on_initial_complete(std::uint64_t epoch);
  /// Nothing more will come: is there something that should have?
  void at_rest(bool initial_complete);
  /// Pending counts are made to lie in this run: the initial data may end early.
  void pending_lies() noexcept { pending_lies_ = true; }

  std::uint64_t given() const noexcept { return given_.size(); }
  bool was_given(std::uint64_t revision) const { return given_.contains(revision); }
  const std::vector<std::string>& problems() const noexcept { return problems_; }
  void report(std::string problem) { problems_.push_back(std::move(problem)); }

 private:
  bool wanted(const written& message) const;
  void settle_floor(std::uint64_t epoch);
  bool may_lack(const written& message) const;
  bool replaced_too_often(const std::string& key, std::uint64_t epoch) const;
  void check_key(const std::string& key, std::uint64_t revision, std::uint64_t epoch);

  const core::consumer_settings& settings_;
  const server_model& server_;
  std::map<std::uint64_t, std::uint64_t> last_at_creation_;  // by epoch
  std::optional<std::map<std::string, std::vector<std::uint64_t>>> beginning_;
  std::optional<std::uint64_t> floor_;  // updates_only: what lies behind it is wanted
  std::set<std::uint64_t> given_;
  std::vector<std::string> problems_;
  std::optional<int> incarnation_;  // of the stream that is watched
  int ends_ = 0;
  bool pending_lies_ = false, mixed_ = false;
};

}  // namespace kvco::test
