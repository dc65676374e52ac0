// The servers' answers to our credentials: whether another attempt can succeed.
#pragma once

#include <cstddef>
#include <functional>
#include <kvco/core/deadlines.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

/// Where credentials come from.
enum class credentials_kind : unsigned char {
  fixed,      // from the settings: they never change
  of_server,  // from a URL: they never change, and are for that server only
  renewable,  // a file or a function: others the next time
};

/// At the start a refusal is final: the settings need to be corrected. Later the servers may be at fault (a
/// configuration that is not complete yet): renewable credentials are retried indefinitely, and fixed ones
/// until every server has refused them twice in a row, and for a minimum time. A server that cannot be
/// reached has not refused them.
class login_record {
 public:
  /// @param patience  counts from the first refusal in a row
  explicit login_record(duration patience = {}) : patience_(patience) {}

  void accepted() noexcept;
  /// There are other servers, or other credentials.
  void forget_refusals() noexcept;
  /// Notes a refusal. True: it is final.
  /// @param servers  all that there are; others are forgotten
  bool refused(credentials_kind kind, const std::string& server, std::string_view words,
               const std::vector<std::string>& servers, time_point now);
  /// In a row.
  std::size_t refusals() const noexcept { return refusals_; }

 private:
  struct answer {
    std::string words;
    std::size_t times = 0;  // in a row
  };
  std::map<std::string, answer, std::less<>> heard_;  // since the last that accepted
  duration patience_;
  time_point first_{};
  std::size_t refusals_ = 0;
  bool ever_accepted_ = false;
};

}  // namespace kvco::core
