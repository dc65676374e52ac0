#include <kvco_test/rules/coroutines.hpp>

#include <algorithm>
#include <cctype>
#include <optional>

namespace kvco::test {
namespace {

constexpr std::string_view returned = "awaitable<";

struct signature {
  std::string name;  // empty: of a lambda, or of a function type
  std::string parameters;
};

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':' || c == '~';
}

std::size_t skip_space(const std::string& code, std::size_t at) {
  while (at < code.size() && std::isspace(static_cast<unsigned char>(code[at])) != 0) ++at;
  return at;
}

/// Behind the bracket that closes the one at `at`.
std::size_t end_of_brackets(const std::string& code, std::size_t at, char open, char close) {
  int depth = 0;
  for (; at < code.size(); ++at) {
    if (code[at] == open) ++depth;
    if (code[at] == close && --depth == 0) return at + 1;
  }
  return code.size();
}

/// `awaitable<T> name(parameters)` and `awaitable<T>(parameters)`, from behind the type on.
std::optional<signature> signature_after(const std::string& code, std::size_t at) {
  signature out;
  for (at = skip_space(code, at); at < code.size() && is_name(code[at]); ++at) out.name += code[at];
  at = skip_space(code, at);
  if (out.name.ends_with("operator")) at = skip_space(code, end_of_brackets(code, at, '(', ')'));
  if (at >= code.size() || code[at] != '(') return std::nullopt;
  out.parameters = code.substr(at + 1, end_of_brackets(code, at, '(', ')') - at - 2);
  return out;
}

/// `(parameters) -> awaitable<T>`, from the type back.
std::optional<signature> signature_before(const std::string& code, std::size_t at) {
  while (at > 0 && is_name(code[at - 1])) --at;  // asio::
  while (at > 0 && std::isspace(static_cast<unsigned char>(code[at - 1])) != 0) --at;
  if (at < 2 || code.compare(at - 2, 2, "->") != 0) return std::nullopt;
  const std::size_t close = code.rfind(')', at);
  if (close == std::string::npos) return std::nullopt;
  int depth = 0;
  std::size_t open = close + 1;
  do {
    --open;
    depth += code[open] == ')' ? 1 : code[open] == '(' ? -1 : 0;
  } while (depth > 0 && open > 0);
  return signature{{}, code.substr(open + 1, close - open - 1)};
}

bool refers(const std::string& parameters) {
  return parameters.find('&') != std::string::npos || parameters.find("string_view") != std::string::npos ||
         parameters.find("span<") != std::string::npos;
}

std::string shown(const signature& one) {
  std::string parameters;
  for (const char c : one.parameters) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space || (!parameters.empty() && parameters.back() != ' ')) parameters += space ? ' ' : c;
  }
  return (one.name.empty() ? "a lambda or function type" : one.name) + "(" + parameters + ")";
}

bool is_listed(const safe_coroutine& safe, const source& in, std::string name) {
  if (const std::size_t scope = name.rfind(':'); scope != std::string::npos) name.erase(0, scope + 1);
  return safe.name == name || "kvco/" + std::string(safe.name) == in.path + ": " + name;
}

}  // namespace

std::vector<std::string> problems_of_coroutines(const std::vector<source>& tree,
                                                std::span<const safe_coroutine> safe) {
  std::vector<std::string> out;
  std::vector<bool> needed(safe.size());
  for (const source& each : tree) {
    if (!each.path.starts_with("kvco/")) continue;
    for (std::size_t at = each.code.find(returned); at != std::string::npos;
         at = each.code.find(returned, at + 1)) {
      auto found = signature_before(each.code, at);
      if (!found) found = signature_after(each.code, end_of_brackets(each.code, at, '<', '>'));
      if (!found || !refers(found->parameters)) continue;
      const auto known = std::find_if(safe.begin(), safe.end(), [&](const safe_coroutine& one) {
        return is_listed(one, each, found->name);
      });
      if (known == safe.end()) {
        out.push_back(place_of(each, line_at(each.code, at)) + ": " + shown(*found));
      } else {
        needed[static_cast<std::size_t>(known - safe.begin())] = true;
      }
    }
  }
  for (std::size_t i = 0; i < safe.size(); ++i) {
    if (!needed[i]) out.push_back(std::string(safe[i].name) + ": is no exception any more");
  }
  return out;
}

}  // namespace kvco::test
