// What servers said to our credentials.
#include <kvco/core/login_record.hpp>

#include <absl/strings/match.h>
#include <absl/strings/string_view.h>
#include <kvco/detail/concat.hpp>

namespace kvco::core {

void login_record::accepted() noexcept {
  heard_.clear();
  refusals_ = 0;
  ever_accepted_ = true;
}

bool login_record::refused(credentials_kind kind, std::string_view server, std::string_view words) {
  // The server was slow to read them, or we were slow to send them: it says nothing of what they are.
  if (absl::StartsWithIgnoreCase({words.data(), words.size()}, "authentication timeout")) return false;
  ++refusals_;
  const bool of_server = kind == credentials_kind::of_server;
  if (!ever_accepted_ && !of_server) return true;
  if (kind == credentials_kind::renewable) return false;
  return !heard_.insert(of_server ? detail::concat(server, " ", words) : std::string(words)).second;
}

}  // namespace kvco::core
