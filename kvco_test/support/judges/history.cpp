// What clients did and saw. See the header.
#include <kvco_test/support/judges/history.hpp>

#include <algorithm>
#include <charconv>

namespace kvco::test {

std::string_view to_string(action what) {
  constexpr std::string_view names[] = {"put", "create", "update", "erase", "purge", "get", "leader get"};
  return names[static_cast<std::size_t>(what)];
}

key_number history::key(std::string_view name) {
  const auto [at, is_new] = numbers_.try_emplace(std::string(name), static_cast<key_number>(names_.size()));
  if (is_new) names_.emplace_back(name);
  return at->second;
}

std::string history::text_of(std::uint64_t value, std::size_t size) {
  std::string text = std::to_string(value) + ":";
  text.resize(std::max(size, text.size()), '.');
  return text;
}

std::uint64_t history::value_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end != text.data() + text.size() && *end == ':' ? value : 0;
}

stored_stream::stored_stream(std::vector<seen_revision> messages, std::size_t history)
    : messages_(std::move(messages)), history_(history) {
  for (const seen_revision& one : messages_) {
    if (by_key_.size() <= one.key) by_key_.resize(one.key + 1);
    by_key_[one.key].push_back(&one);
  }
}

const seen_revision* stored_stream::find(revision rev) const {
  const auto at = std::lower_bound(messages_.begin(), messages_.end(), rev,
                                   [](const seen_revision& m, revision r) { return m.rev < r; });
  return at != messages_.end() && at->rev == rev ? &*at : nullptr;
}

const std::vector<const seen_revision*>& stored_stream::of(key_number key) const {
  static const std::vector<const seen_revision*> none;
  return key < by_key_.size() ? by_key_[key] : none;
}

const seen_revision* stored_stream::before(const seen_revision& message) const {
  const auto& all = of(message.key);
  const auto at = std::lower_bound(all.begin(), all.end(), message.rev,
                                   [](const seen_revision* m, revision r) { return m->rev < r; });
  return at == all.begin() ? nullptr : *std::prev(at);
}

bool stored_stream::is_whole(key_number key) const {
  const auto& all = of(key);
  return all.size() < history_ && std::none_of(all.begin(), all.end(), [](const seen_revision* m) {
           return m->op == operation::purge;
         });
}

bool stored_stream::may_be_gone(key_number key, revision rev) const {
  const auto& all = of(key);
  const auto newer = std::upper_bound(all.begin(), all.end(), rev,
                                      [](revision r, const seen_revision* m) { return r < m->rev; });
  if (static_cast<std::size_t>(all.end() - newer) >= history_) return true;
  return std::any_of(newer, all.end(), [](const seen_revision* m) { return m->op == operation::purge; });
}

}  // namespace kvco::test
