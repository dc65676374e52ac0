// Sees what servers answer. See the header.
#include <kvco_test/chaos/contradictions.hpp>

#include <algorithm>
#include <charconv>

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

// The value of "last_by_subj".
std::string subject_asked_for(std::string_view text) {
  constexpr std::string_view name = "\"last_by_subj\":\"";
  const std::size_t at = text.find(name);
  if (at == text.npos) return {};
  text.remove_prefix(at + name.size());
  return std::string(text.substr(0, text.find('"')));
}

// The key's subject, or nothing.
std::string subject_of_direct_get(std::string_view subject) {
  const std::size_t at = subject.find(".$KV.");
  if (!subject.starts_with("$JS.API.DIRECT.GET.") || at == subject.npos) return {};
  return std::string(subject.substr(at + 1));
}

}  // namespace

void answer_watcher::see(const test::client_frame& request) {
  if (request.what != test::client_frame::verb::pub || request.reply.empty()) return;
  if (request.subject.starts_with("$KV.")) {
    questions_.add(request.reply, {request.subject, asks::to_write, 0});
  } else if (const auto key = subject_of_direct_get(request.subject); !key.empty()) {
    questions_.add(request.reply, {key, asks::replica, 0});
  } else if (request.subject.starts_with("$JS.API.STREAM.INFO.")) {
    questions_.add(request.reply, {{}, asks::for_end, to_.newest});
  } else if (request.subject.starts_with("$JS.API.STREAM.MSG.GET.")) {
    std::string subject = subject_asked_for(request.payload);
    if (subject.empty()) return;
    const bool is_key = subject.find_first_of("*>") == subject.npos;
    const revision last_seen = newest_of(subject, is_key);
    questions_.add(request.reply, {std::move(subject), is_key ? asks::for_key : asks::for_end, last_seen});
  }
}

void answer_watcher::see(const test::server_frame& frame) {
  const std::string_view text = frame.payload;
  const std::string subject(frame.subject);
  const question* asked = questions_.find(subject);
  if (asked != nullptr && asked->what == asks::replica) {
    return note_known(asked->subject, number_behind(frame.header, "\r\nNats-Sequence: "));
  }
  if (!frame.header.empty() || !text.starts_with('{')) return;
  answer now;
  now.refused = is_conflict(text);
  const bool is_read = text.find("\"message\":{") != text.npos;
  const revision rev = now.refused ? 0 : number_behind(text, "\"seq\":");
  now.read = is_read ? rev : 0;
  const bool not_found = text.find("\"err_code\":10037") != text.npos;
  const bool is_info = text.find("\"last_seq\":") != text.npos;
  if (asked != nullptr && asked->what == asks::for_end && (is_read || not_found || is_info)) {
    const revision named = is_info ? number_behind(text, "\"last_seq\":") : rev;
    if (named < asked->last_seen) {
      to_.early_ends.push_back({client_, std::chrono::steady_clock::now(), named});
    }
    return;
  }
  if (!now.refused && rev == 0 && !not_found) return;

  if (asked != nullptr) {
    if (asked->what == asks::for_key && (not_found || is_read) && rev < asked->last_seen) {
      to_.behind.emplace(asked->subject, std::chrono::steady_clock::now());
      if (is_read) to_.stale.insert(rev);
    }
    if (rev != 0) note_known(asked->subject, rev);
  }
  if (not_found) return;
  if (const answer* first = answers_.find(subject)) {
    if (first->refused && !now.refused && !is_read) to_.stored.insert(rev);
    if (is_read && first->read != 0 && first->read != rev) to_.stale.insert(std::min(first->read, rev));
    return;
  }
  if (!now.refused && !is_read) return;  // an acknowledgement that comes first is believed
  answers_.add(subject, now);
}

void answer_watcher::note_known(const std::string& subject, revision rev) {
  revision& newest = to_.known[subject];
  newest = std::max(newest, rev);
  to_.newest = std::max(to_.newest, rev);
}

// The newest of what matches that is known to be stored.
revision answer_watcher::newest_of(const std::string& subject, bool is_key) const {
  if (is_key) {
    const auto known = to_.known.find(subject);
    return known == to_.known.end() ? 0 : known->second;
  }
  revision newest = 0;
  for (const auto& [key, rev] : to_.known) {
    if (rev > newest && test::subject_matches(subject, key)) newest = rev;
  }
  return newest;
}

}  // namespace kvco::chaos
