// The private server for users' tests: which program it runs, and its options as a user gives them. The server itself is tested on each
// generation in support/server/nats_server_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco/testing/nats_server.hpp>
#include <kvco_test/support/server/nats_server.hpp>
#include <kvco_test/support/server/raw_client.hpp>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// An environment variable has this value until the end of the scope.
class with_variable {
 public:
  with_variable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) before_ = before;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~with_variable() {
    if (before_) {
      ::setenv(name_.c_str(), before_->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }
  with_variable(const with_variable&) = delete;
  with_variable& operator=(const with_variable&) = delete;

 private:
  std::string name_;
  std::optional<std::string> before_;
};

template <class Function>
std::string error_of(Function function) {
  try {
    function();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

TEST(find_nats_server, takes_the_variable_first) {
  const fs::path newest = server_binary("newest");
  const with_variable path("PATH", server_binary("2.9").parent_path().string());
  const with_variable named("KVCO_NATS_SERVER", newest.string());
  EXPECT_EQ(kvco::find_nats_server(), newest);
}

TEST(find_nats_server, looks_through_the_path) {
  const fs::path newest = server_binary("newest");
  const with_variable named("KVCO_NATS_SERVER", "");
  const with_variable path("PATH", "/no/such/folder::" + newest.parent_path().string() + ":/bin");
  EXPECT_EQ(kvco::find_nats_server(), newest);
}

TEST(find_nats_server, does_not_replace_a_program_that_was_named) {
  for (const char* none : {"/no/such/program", "/tmp", "/etc/passwd"}) {
    const with_variable named("KVCO_NATS_SERVER", none);
    EXPECT_THAT(error_of([] { kvco::find_nats_server(); }), HasSubstr(none));
  }
}

TEST(private_server, runs_the_program_that_is_found) {
  const with_variable named("KVCO_NATS_SERVER", server_binary("2.10").string());
  const kvco::nats_server server;
  EXPECT_TRUE(server.running());
  EXPECT_THAT(server.version(), testing::StartsWith("2.10."));
}

TEST(private_server, has_the_options_of_its_user) {
  const reserved_port port;
  kvco::nats_server server({.binary = server_binary("newest"),
                            .jetstream = false,
                            .extra_config = "max_payload: 2048",
                            .port = port.number(),
                            .args = {"--name", "shop"}});
  EXPECT_EQ(server.port(), port.number());
  const std::string info = raw_client(server.port()).info();
  EXPECT_THAT(info, HasSubstr("\"max_payload\":2048"));
  EXPECT_THAT(info, HasSubstr("\"server_name\":\"shop\""));
  EXPECT_THAT(info, Not(HasSubstr("\"jetstream\":true")));
  server.configure(true, "max_payload: 4096");
  server.restart();
  EXPECT_THAT(raw_client(server.port()).info(), HasSubstr("\"max_payload\":4096"));
  EXPECT_THAT(raw_client(server.port()).info(), HasSubstr("\"jetstream\":true"));
}

TEST(private_server, refuses_calls_that_need_another_state) {
  kvco::nats_server server({.binary = server_binary("newest"), .jetstream = false});
  EXPECT_THAT(error_of([&] { server.start(); }), HasSubstr("it is running"));
  server.kill();
  EXPECT_EQ(server.pid(), -1);
  EXPECT_THAT(error_of([&] { server.pause(); }), HasSubstr("it is not running"));
  EXPECT_THAT(error_of([&] { server.signal(SIGHUP); }), HasSubstr("it is not running"));
  server.kill();  // again
  server.wait_for_exit();
  server.start();
  EXPECT_TRUE(server.running());
}

TEST(private_server, that_is_no_server_reports_its_output_and_leaves_no_folder) {
  const auto folders = [] {
    std::size_t count = 0;
    for (const auto& each : fs::directory_iterator(fs::temp_directory_path()))
      count += each.path().filename().string().starts_with("kvco_nats_");
    return count;
  };
  const fs::path own = fs::temp_directory_path() / ("kvco_own_" + std::to_string(::getpid()));
  fs::create_directory(own);
  const with_variable temporary("TMPDIR", own.string());
  EXPECT_THAT(error_of([] { kvco::nats_server server({.binary = "/bin/false"}); }),
              HasSubstr("exited while starting"));
  EXPECT_EQ(folders(), 0u);
  fs::remove_all(own);
}

}  // namespace
}  // namespace kvco::test
