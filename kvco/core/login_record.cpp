// The servers' answers to our credentials.
#include <kvco/core/login_record.hpp>

#include <algorithm>

namespace kvco::core {

void login_record::accepted() noexcept {
  forget_refusals();
  ever_accepted_ = true;
}

void login_record::forget_refusals() noexcept {
  heard_.clear();
  refusals_ = 0;
}

bool login_record::refused(credentials_kind kind, const std::string& server, std::string_view words,
                           const std::vector<std::string>& servers, time_point now) {
  if (refusals_++ == 0) first_ = now;
  if (!ever_accepted_ && kind != credentials_kind::of_server) return true;
  if (kind == credentials_kind::renewable) return false;
  std::erase_if(heard_, [&](const auto& each) {
    return std::find(servers.begin(), servers.end(), each.first) == servers.end();
  });
  answer& last = heard_[server];
  last.times = last.words == words ? last.times + 1 : 1;
  last.words = words;
  if (now - first_ < patience_) return false;
  return std::all_of(servers.begin(), servers.end(), [&](const std::string& each) {
    const auto found = heard_.find(each);
    return found != heard_.end() && found->second.times >= 2;
  });
}

}  // namespace kvco::core
