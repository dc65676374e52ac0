// A path as a user writes it in a context or variable -> one that can be opened.
#include <kvco/core/expand_path.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <optional>

namespace kvco::core {
namespace {

bool is_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Takes the name after a '$' off, with its braces; empty if there is no name.
std::string_view take_name(std::string_view& text) {
  if (text.starts_with('{')) {
    const std::size_t end = text.find('}');
    if (end == text.npos) return {};
    const std::string_view name = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return name;
  }
  std::size_t size = 0;
  while (size < text.size() && is_name(text[size])) ++size;
  const std::string_view name = text.substr(0, size);
  text.remove_prefix(size);
  return name;
}

}  // namespace

expanded_path expand_path(std::string_view path, const variable_lookup& variables) {
  std::string out;
  const auto append_variable = [&](std::string_view name) {
    const std::optional<std::string> value = variables(name);
    if (value && !value->empty()) out += *value;
    return value && !value->empty();
  };
  // "~/x" is at home; "~name/x" would be at another user's, which Go's tools do not know either.
  if (path == "~" || path.starts_with("~/")) {
    if (!append_variable("HOME")) return {{}, "starts with '~', and HOME is not set"};
    path.remove_prefix(1);
  }
  while (!path.empty()) {
    const char c = path.front();
    path.remove_prefix(1);
    if (c != '$') {
      out += c;
      continue;
    }
    const std::string_view name = take_name(path);
    if (name.empty()) return {{}, "has a '$' without the name of a variable"};
    if (!append_variable(name)) {
      return {{}, detail::concat("has the variable ", detail::printable(name), ", which is not set")};
    }
  }
  return {std::move(out), {}};
}

}  // namespace kvco::core
