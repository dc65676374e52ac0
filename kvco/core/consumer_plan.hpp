// The consumer that a watch requests: its filters, as far as the server supports them, and the entries left
// out of its deliveries.
#pragma once

#include <cstdint>
#include <kvco/core/consumer_command.hpp>
#include <kvco/jetstream/filter_set.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/requests.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

/// Adapts to the version and the refusals of a server. Every call gets the same settings, which must outlive
/// the plan.
class consumer_plan {
 public:
  /// @param filter_lists  the server knows filter_subjects (2.10)
  /// @param max_request   its max_payload
  void serve(bool filter_lists, std::uint64_t max_request) noexcept;
  bool filter_lists() const noexcept { return filter_lists_; }

  /// Once for each kind of server, for it may take a while.
  void prepare(const consumer_settings& settings);
  // After prepare().
  /// Why the server cannot take the request; empty: it can.
  std::string too_long() const;
  /// Without the name, the deliver subject and the start.
  jetstream::consumer_request request(const consumer_settings& settings) const;
  /// The filter in the request's subject; empty: it has none, or many.
  std::string single_subject() const;
  /// The filters of keys that the server is asked for.
  const std::vector<std::string>& filters() const noexcept { return plan_.server; }
  bool is_list() const noexcept { return plan_.server.size() > 1; }
  /// Does the user want this key?
  /// @param sure  the create reply has shown that the server took the list of filters: it is relied on
  bool wants(std::string_view key, bool sure) const noexcept {
    const jetstream::filter_set& filters = !sure && is_list() ? asked_ : kept_;
    return filters.empty() || filters.matches(key);
  }

  // The server has refused the request. True: another one may be accepted.
  bool refuse_lists() noexcept;
  bool refuse_limits() noexcept;

 private:
  jetstream::filter_plan plan_;
  std::optional<bool> planned_lists_;  // made for a server that knows lists, or for one that does not
  std::vector<std::string> subjects_;  // of plan_.server
  std::uint64_t largest_request_ = 0;  // with that plan
  std::uint64_t max_request_ = UINT64_MAX;
  jetstream::filter_set asked_, kept_;  // of the settings and plan_.client, for many
  bool filter_lists_ = true, lists_refused_ = false;
  bool within_limits_ = false;  // the stream limits its consumers, and has refused one
};

}  // namespace kvco::core
