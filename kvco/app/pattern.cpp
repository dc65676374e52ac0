// Reads patterns, and takes the captured tokens out of keys.
#include <kvco/app/pattern.hpp>

#include <algorithm>
#include <cctype>
#include <kvco/app/app_error.hpp>
#include <kvco/names.hpp>
#include <stdexcept>

namespace kvco {
namespace {

bool is_name(std::string_view text) {
  const auto may_be_in_it = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
         std::all_of(text.begin(), text.end(), may_be_in_it);
}

/// Calls `visit(token, number, is_last)` for each.
template <class Visitor>
void for_each_token(std::string_view text, Visitor&& visit) {
  for (std::size_t number = 0;; ++number) {
    const std::size_t dot = text.find('.');
    visit(text.substr(0, dot), number, dot == text.npos);
    if (dot == text.npos) return;
    text.remove_prefix(dot + 1);
  }
}

[[noreturn]] void refuse_token(app_error why, std::string_view token, const std::string& pattern) {
  handling::refuse(why, '"' + std::string(token) + "\" of the pattern \"" + pattern + '"');
}

}  // namespace

key_pattern::key_pattern(std::string_view text) : text_(text) {
  for_each_token(text, [&](std::string_view token, std::size_t, bool is_last) { add_token(token, is_last); });
  if (!is_valid_filter(filter_)) handling::refuse(app_error::pattern_malformed, '"' + text_ + '"');
}

void key_pattern::add_token(std::string_view token, bool is_last) {
  if (tokens_ != 0) filter_ += '.';
  const bool is_wildcard = token == "*" || (token == ">" && is_last);
  const auto open = std::count(token.begin(), token.end(), '{');
  if (open != std::count(token.begin(), token.end(), '}'))
    refuse_token(app_error::capture_unclosed, token, text_);
  if (open == 0) {
    if (!is_wildcard && token.find_first_of("*>") != token.npos)
      refuse_token(app_error::wildcard_inside_token, token, text_);
    filter_ += token;
  } else {
    if (open != 1 || token.front() != '{' || token.back() != '}')
      refuse_token(app_error::capture_inside_token, token, text_);
    add_capture(token.substr(1, token.size() - 2));
    filter_ += '*';
  }
  ++tokens_;
}

void key_pattern::add_capture(std::string_view name) {
  if (name.empty()) refuse_token(app_error::capture_unnamed, "{}", text_);
  if (!is_name(name)) refuse_token(app_error::capture_name_malformed, name, text_);
  if (std::find(names_.begin(), names_.end(), name) != names_.end())
    refuse_token(app_error::capture_twice, name, text_);
  names_.emplace_back(name);
  places_.push_back(tokens_);
}

bool key_pattern::matches(std::string_view key) const { return matches_filter(filter_, key); }

std::vector<std::string_view> key_pattern::captured(std::string_view key) const {
  std::vector<std::string_view> tokens;
  if (places_.empty()) return tokens;
  tokens.reserve(places_.size());
  for_each_token(key, [&](std::string_view token, std::size_t number, bool) {
    if (tokens.size() < places_.size() && places_[tokens.size()] == number) tokens.push_back(token);
  });
  tokens.resize(places_.size());
  return tokens;
}

std::string_view captures::operator[](std::string_view name) const {
  if (pattern_ != nullptr) {
    const auto& names = pattern_->names();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return tokens_[static_cast<std::size_t>(found - names.begin())];
  }
  throw std::out_of_range("no capture is named \"" + std::string(name) + '"');
}

}  // namespace kvco
