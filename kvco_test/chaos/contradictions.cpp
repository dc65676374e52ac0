// Sees what servers answer. See the header.
#include <kvco_test/chaos/contradictions.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace kvco::chaos {
namespace {

revision number_behind(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  revision value = 0;
  if (at != text.npos) std::from_chars(text.data() + at + name.size(), text.data() + text.size(), value);
  return value;
}

bool is_conflict(std::string_view text) {
  return text.find("\"err_code\":10071") != text.npos || text.find("\"err_code\":10164") != text.npos;
}

}  // namespace

void answer_watcher::see(const test::server_frame& frame) {
  const std::string_view text = frame.payload;
  if (!frame.header.empty() || !text.starts_with('{')) return;
  answer now;
  now.refused = is_conflict(text);
  const bool is_read = text.find("\"message\":{") != text.npos;
  const revision rev = now.refused ? 0 : number_behind(text, "\"seq\":");
  now.read = is_read ? rev : 0;
  if (!now.refused && rev == 0) return;

  const std::string subject(frame.subject);
  for (const auto* known : {&answers_, &older_}) {
    const auto before = known->find(subject);
    if (before == known->end()) continue;
    const answer& first = before->second;
    if (first.refused && !now.refused && !is_read) to_.stored.insert(rev);
    if (is_read && first.read != 0 && first.read != rev) to_.stale.insert(std::min(first.read, rev));
    return;
  }
  if (!now.refused && !is_read) return;  // an acknowledgement that comes first is believed
  if (answers_.size() >= most) older_ = std::exchange(answers_, {});
  answers_.emplace(subject, now);
}

}  // namespace kvco::chaos
