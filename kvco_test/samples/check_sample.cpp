// Runs a sample against a private server and compares what it prints with its expected text. The sample finds the server at
// NATS_URL, and the program for one of its own at KVCO_NATS_SERVER.
//
//   check_sample SAMPLE EXPECTED.txt
//
// In the expected text <word> (small letters, digits, - and _) stands for any text that is not empty.
#include <kvco_test/support/server/nats_server.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/wait.h>

namespace {

constexpr std::string_view word_letters = "abcdefghijklmnopqrstuvwxyz0123456789-_";

// The length of the placeholder that `pattern` begins with, or 0.
std::size_t placeholder(std::string_view pattern) {
  if (!pattern.starts_with('<')) return 0;
  const std::size_t end = pattern.find_first_not_of(word_letters, 1);
  return end != std::string_view::npos && end > 1 && pattern[end] == '>' ? end + 1 : 0;
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

std::vector<std::string> lines(std::istream& in) {
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::string output_of(const std::string& program) {
  FILE* pipe = ::popen(("'" + program + "'").c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + program);
  std::string text;
  char bytes[4096];
  while (const std::size_t n = std::fread(bytes, 1, sizeof bytes, pipe)) text.append(bytes, n);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  throw std::runtime_error(program + " failed (status " + std::to_string(status) + "); it printed:\n" + text);
}

int compare(const std::vector<std::string>& expected, const std::vector<std::string>& printed) {
  for (std::size_t i = 0; i < expected.size() || i < printed.size(); ++i) {
    const std::string want = i < expected.size() ? expected[i] : "(the end)";
    const std::string have = i < printed.size() ? printed[i] : "(the end)";
    if (i < expected.size() && i < printed.size() && matches(want, have)) continue;
    std::cout << "line " << i + 1 << "\n  expected: " << want << "\n  printed:  " << have << "\n";
    return 1;
  }
  return 0;
}

int run(const std::string& sample, const std::string& expected_file) {
  std::ifstream file(expected_file);
  if (!file) throw std::runtime_error("cannot read " + expected_file);
  const kvco::test::nats_server server;
  ::setenv("NATS_URL", server.url().c_str(), 1);
  ::setenv("KVCO_NATS_SERVER", kvco::test::server_binary("newest").c_str(), 1);
  const std::string text = output_of(sample);
  std::cout << text << std::flush;
  std::istringstream printed(text);
  return compare(lines(file), lines(printed));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: check_sample SAMPLE EXPECTED.txt");
  return run(argv[1], argv[2]);
} catch (const std::exception& error) {
  std::cerr << "check_sample: " << error.what() << "\n";
  return 1;
}
