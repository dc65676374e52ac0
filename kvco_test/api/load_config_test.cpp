// Contexts and variables of this process become a config: load_config.cpp, with files in a directory of its
// own.
#include <gtest/gtest.h>
#include <stdlib.h>  // setenv, mkdtemp: POSIX
#include <sys/stat.h>
#include <kvco/auth/load_config.hpp>

#include <boost/system/system_error.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <kvco/error.hpp>
#include <string>
#include <vector>

namespace kvco {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class load_config : public testing::Test {
 protected:
  load_config() {
    for (const char* name : {"NATS_URL", "NATS_USER", "NATS_PASSWORD", "NATS_TOKEN", "NATS_CREDS",
                             "NATS_NKEY", "NATS_JWT", "NATS_SEED", "NATS_CERT", "NATS_KEY", "NATS_CA",
                             "NATS_TIMEOUT", "NATS_SOCKS_PROXY", "NATS_CONTEXT"}) {
      ::unsetenv(name);
    }
    std::string made = (fs::temp_directory_path() / "kvco-load-config-XXXXXX").string();
    EXPECT_NE(::mkdtemp(made.data()), nullptr);
    directory_ = made;
    fs::create_directories(directory_ / "nats/context");
    set("XDG_CONFIG_HOME", directory_.string());
  }
  ~load_config() override { fs::remove_all(directory_); }

  void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
  void write(const std::string& file, std::string_view text) { std::ofstream(directory_ / file) << text; }
  void write_context(const std::string& name, std::string_view json) {
    write("nats/context/" + name + ".json", json);
  }
  void select(std::string_view name) { write("nats/context.txt", std::string(name) + "\n"); }
  std::string path_of(const std::string& file) { return (directory_ / file).string(); }

  fs::path directory_;
};

template <class Load>
void expect_refused(Load load, client_error code, const std::vector<std::string>& words) {
  try {
    load();
    ADD_FAILURE() << "not refused";
  } catch (const boost::system::system_error& e) {
    EXPECT_EQ(e.code(), code) << e.what();
    EXPECT_TRUE(e.code() == errc::invalid_argument);
    for (const std::string& word : words) {
      EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << word << " in: " << e.what();
      EXPECT_NE((error_code(code).message() + error_detail()).find(word), std::string::npos) << word;
    }
    EXPECT_EQ(std::string(e.what()).find("SECRET"), std::string::npos) << e.what();
  }
}

TEST_F(load_config, without_anything_is_the_default) {
  const config c = config_from_environment();
  EXPECT_EQ(c.urls(), config().urls());
  ::unsetenv("XDG_CONFIG_HOME");
  ::unsetenv("HOME");
  EXPECT_EQ(config_from_environment().urls(), config().urls()) << "a service has no home";
}

TEST_F(load_config, reads_the_named_context) {
  write_context("shop", R"({"url":"shop:1","creds":"$XDG_CONFIG_HOME/shop.creds","jetstream_domain":"hub"})");
  const config c = config_from_context("shop").name("worker");
  EXPECT_EQ(c.urls(), "shop:1");
  EXPECT_EQ(c.credentials_file(), path_of("shop.creds"));
  EXPECT_EQ(c.domain(), "hub");
  EXPECT_EQ(c.name(), "worker");
  EXPECT_EQ(config_from_context(path_of("nats/context/shop.json")).urls(), "shop:1");
}

TEST_F(load_config, reads_the_selected_context) {
  write_context("shop", R"({"url":"shop:1"})");
  select("shop");
  EXPECT_EQ(config_from_context().urls(), "shop:1");
  EXPECT_EQ(config_from_environment().urls(), "shop:1");
}

TEST_F(load_config, takes_variables_alone_if_no_context_is_wanted) {
  write_context("shop", R"({"url":"shop:1","token":"t"})");
  select("shop");
  set("NATS_CONTEXT", "gone");
  EXPECT_EQ(config_from_variables().urls(), config().urls());
  set("NATS_URL", "variable:1");
  set("NATS_SOCKS_PROXY", "none");
  EXPECT_EQ(config_from_variables().urls(), "variable:1");
  EXPECT_EQ(config_from_variables().token(), "");
  set("NATS_PASSWORD", "alone");
  expect_refused([] { return config_from_variables(); }, client_error::options_conflict, {"NATS_PASSWORD"});
}

TEST_F(load_config, takes_variables_over_the_named_context_over_the_selected_one) {
  write_context("selected", R"({"url":"selected:1","token":"t"})");
  write_context("named", R"({"url":"named:1","user":"u","password":"p","ca":"/ca.pem"})");
  select("selected");
  set("NATS_CONTEXT", "named");
  EXPECT_EQ(config_from_environment().urls(), "named:1");
  EXPECT_EQ(config_from_environment().user(), "u");
  EXPECT_EQ(config_from_environment().token(), "");
  set("NATS_URL", "variable:1");
  set("NATS_CREDS", "/x.creds");
  set("NATS_TIMEOUT", "3s");
  const config c = config_from_environment();
  EXPECT_EQ(c.urls(), "variable:1");
  EXPECT_EQ(c.credentials_file(), "/x.creds");
  EXPECT_EQ(c.user() + c.password(), "") << "another kind of credentials replaces the context's";
  EXPECT_EQ(c.tls().ca_file(), "/ca.pem");
  EXPECT_EQ(c.timeout(), 3s);
  EXPECT_EQ(config_from_context("named").urls(), "named:1") << "a context alone asks no variables";
}

TEST_F(load_config, is_refused_where_there_is_no_such_context) {
  expect_refused([] { return config_from_context(); }, client_error::context_not_found,
                 {"selected", "context.txt"});
  expect_refused([] { return config_from_context("no"); }, client_error::context_not_found,
                 {"\"no\"", "no.json", "No such file"});
  expect_refused([] { return config_from_context("../x"); }, client_error::context_not_found, {"\"../x\""});
  select("gone");
  expect_refused([] { return config_from_environment(); }, client_error::context_not_found, {"\"gone\""});
  set("NATS_CONTEXT", "no");
  expect_refused([] { return config_from_environment(); }, client_error::context_not_found, {"\"no\""});
}

TEST_F(load_config, is_refused_with_file_field_and_rule) {
  write_context("broken", R"({"password":"SECRET")");
  expect_refused([] { return config_from_context("broken"); }, client_error::context_malformed,
                 {"broken.json", "no JSON object"});
  write_context("typed", R"({"user":7})");
  expect_refused([] { return config_from_context("typed"); }, client_error::context_malformed,
                 {"\"user\"", "typed.json", "must be a string"});
  write_context("two", R"({"user":"u","password":"SECRET","creds":"c"})");
  expect_refused([] { return config_from_context("two"); }, client_error::options_conflict,
                 {"\"user\"", "\"creds\"", "two.json", "both set"});
  set("NATS_CREDS", "c");
  set("NATS_NKEY", "n");
  expect_refused([] { return config_from_environment(); }, client_error::options_conflict,
                 {"NATS_CREDS and NATS_NKEY are both set"});
}

TEST_F(load_config, is_refused_where_a_file_cannot_be_read) {
  fs::create_directories(directory_ / "nats/context/folder.json");
  expect_refused([] { return config_from_context("folder"); }, client_error::file_unreadable,
                 {"folder.json", "Is a directory"});
  ASSERT_EQ(::mkfifo(path_of("nats/context/fifo.json").c_str(), 0600), 0);
  expect_refused([] { return config_from_context("fifo"); }, client_error::file_unreadable,
                 {"fifo.json", "is no regular file"});
  write_context("long", std::string((1u << 20) + 1, ' '));
  expect_refused([] { return config_from_context("long"); }, client_error::file_unreadable,
                 {"long.json", "1 MiB"});
}

}  // namespace
}  // namespace kvco
