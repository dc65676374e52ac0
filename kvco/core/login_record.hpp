// What servers said to our credentials: is there any use in coming back?
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
  fixed,      // the settings: the same for ever
  of_server,  // a URL: the same for ever, and for that server only
  renewable,  // a file or a function: others the next time
};

/// At the start a refusal is final: somebody should look at the settings. Later it may be the servers that are wrong (a
/// configuration that is not complete yet): what can be renewed is tried for ever, and what is fixed until every server has said
/// the same twice in a row, and for some time at least. A server that cannot be reached has refused nothing.
class login_record {
 public:
  /// @param patience  counts from the first refusal in a row
  explicit login_record(duration patience = {}) : patience_(patience) {}

  void accepted() noexcept;
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
