// A server, and a folder in which the program runs as its user would: without contexts and variables of this machine.
#pragma once

#include <gtest/gtest.h>
#include <kvco_test/cli/process.hpp>
#include <kvco_test/support/server/nats_server.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kvco::test {

inline const std::string program = KVCO_PROGRAM;

class program_test : public testing::Test, public testing::WithParamInterface<std::string> {
 protected:
  program_test() : server({.version = GetParam()}) {
    std::string name = (std::filesystem::temp_directory_path() / "kvco-program-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = name;
    const std::string home = folder.string();
    variables = {
        {"NATS_URL", server.url()}, {"TZ", "UTC"}, {"HOME", home}, {"XDG_CONFIG_HOME", home + "/.config"}};
  }
  ~program_test() override { std::filesystem::remove_all(folder); }

  /// Of a shell in the folder, in which `kvco` is the program.
  finished shell(const std::string& line) {
    const std::string path = std::filesystem::path(program).parent_path().string();
    process one(
        {"sh", "-c", "cd '" + folder.string() + "' && PATH='" + path + "':$PATH && exec 2>&1\n" + line},
        variables);
    one.close_input();
    return one.wait();
  }
  /// Of the program itself.
  finished kvco(std::vector<std::string> words, std::string_view input = {}) {
    words.insert(words.begin(), program);
    process one(std::move(words), variables);
    one.write(input);
    one.close_input();
    return one.wait();
  }
  void add(const std::string& bucket) { ASSERT_EQ(kvco({"add", bucket}).code, 0); }
  std::vector<std::string> words(std::vector<std::string> of) const {
    of.insert(of.begin(), program);
    return of;
  }

  nats_server server;
  std::filesystem::path folder;
  std::map<std::string, std::string> variables;
};

}  // namespace kvco::test
