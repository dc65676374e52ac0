// What servers said to our credentials: is there any use in coming back?
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace kvco::core {

/// Where credentials come from.
enum class credentials_kind : unsigned char {
  fixed,      // the settings: the same for ever
  of_server,  // a URL: the same for ever, and for that server only
  renewable,  // a file or a function: others the next time
};

/// At the start a refusal is final: somebody should look at the settings. Later it may be the server that is wrong (a
/// configuration that is not complete yet): what can be renewed is tried for ever, and what is fixed until a server has said the
/// same for the second time.
class login_record {
 public:
  void accepted() noexcept;
  /// Notes a refusal. True: it is final.
  bool refused(credentials_kind kind, std::string_view server, std::string_view words);
  /// In a row.
  std::size_t refusals() const noexcept { return refusals_; }

 private:
  std::set<std::string, std::less<>> heard_;  // since the last that accepted
  std::size_t refusals_ = 0;
  bool ever_accepted_ = false;
};

}  // namespace kvco::core
