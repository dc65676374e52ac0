// Calls of the command with what they print. See the header.
#include <kvco_test/cli/calls.hpp>

#include <sstream>

namespace kvco::test {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz_";

/// The length of the placeholder at the beginning, or 0.
std::size_t placeholder(std::string_view pattern) {
  if (!pattern.starts_with('<')) return 0;
  const std::size_t end = pattern.find_first_not_of(letters, 1);
  return end != pattern.npos && end > 1 && pattern[end] == '>' ? end + 1 : 0;
}

bool matches(std::string_view pattern, std::string_view line) {
  if (pattern.empty()) return line.empty();
  if (const std::size_t length = placeholder(pattern)) {
    for (std::size_t taken = 1; taken <= line.size(); ++taken) {
      if (matches(pattern.substr(length), line.substr(taken))) return true;
    }
    return false;
  }
  return !line.empty() && line[0] == pattern[0] && matches(pattern.substr(1), line.substr(1));
}

std::vector<std::string> lines_in(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// The exit code that a line is, or -1.
int code_in(const std::string& line) {
  if (line.size() < 3 || line.front() != '[' || line.back() != ']') return -1;
  const std::string digits = line.substr(1, line.size() - 2);
  return digits.find_first_not_of("0123456789") == digits.npos ? std::stoi(digits) : -1;
}

/// Blank lines separate the calls.
void end(call& one) {
  while (one.expected.ends_with("\n\n") || one.expected == "\n") one.expected.pop_back();
}

}  // namespace

std::vector<call> calls_in(std::string_view text) {
  std::vector<call> out;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : lines_in(text)) {
    ++number;
    if (line.starts_with("$ ")) {
      out.push_back({line.substr(2), {}, 0, number});
      inside = true;
    } else if (line.starts_with("# ")) {
      inside = false;
    } else if (const int code = code_in(line); inside && code >= 0) {
      out.back().code = code;
    } else if (inside) {
      out.back().expected += line + "\n";
    }
  }
  for (call& each : out) end(each);
  return out;
}

std::string difference_to(const std::string& expected, const std::string& printed) {
  const std::vector<std::string> want = lines_in(expected), have = lines_in(printed);
  for (std::size_t i = 0; i < std::max(want.size(), have.size()); ++i) {
    if (i < want.size() && i < have.size() && matches(want[i], have[i])) continue;
    return "line " + std::to_string(i + 1) + "\n  expected: " + (i < want.size() ? want[i] : "(the end)") +
           "\n  printed:  " + (i < have.size() ? have[i] : "(the end)");
  }
  if (printed.empty() == expected.empty() &&
      (printed.empty() || printed.ends_with('\n') == expected.ends_with('\n')))
    return {};
  return "one of them does not end its last line";
}

}  // namespace kvco::test
