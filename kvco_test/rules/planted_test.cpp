// The rules find what is against them, in trees that are written for that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/rules/comments.hpp>
#include <kvco_test/rules/coroutines.hpp>
#include <kvco_test/rules/includes.hpp>
#include <kvco_test/rules/sizes.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class planted : public testing::Test {
 protected:
  planted() {
    std::string name = (fs::temp_directory_path() / "kvco_rules_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = name;
  }
  ~planted() override { fs::remove_all(root_); }

  void plant(const std::string& path, std::string_view text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  void plant_lines(const std::string& path, std::size_t lines) { plant(path, std::string(lines, '\n')); }
  std::vector<source> tree() const { return sources_of(root_); }

 private:
  fs::path root_;
};

// --- layers ------------------------------------------------------------------------------------------------------------

class planted_include : public planted {
 protected:
  planted_include() {
    plant("kvco/detail/operation.hpp", "#include <boost/asio/awaitable.hpp>\n");
    plant("kvco/detail/texts.hpp", "#include <string>\n");
    plant("kvco/error.hpp", "#include <boost/system/error_code.hpp>\n");
    plant("kvco/bucket.hpp", "#include <kvco/detail/operation.hpp>\n");
    plant("kvco/client.hpp", "#include <kvco/bucket.hpp>\n");
    plant("kvco/core/link.hpp", "#include <kvco/error.hpp>\n#include <kvco/wire/parser.hpp>\n");
    plant("kvco/wire/parser.hpp", "#include <kvco/detail/texts.hpp>\n");
    plant("kvco/net/session.hpp", "#include <kvco/core/link.hpp>\n#include <kvco/detail/operation.hpp>\n");
    plant("kvco/client.cpp", "#include <kvco/client.hpp>\n#include <kvco/net/session.hpp>\n");
    plant("samples/hello.cpp", "#include <kvco/client.hpp>\n#include \"sample.hpp\"\n");
    plant("bench/pure.cpp", "#include <kvco/core/link.hpp>\n");
  }
  std::vector<std::string> problems() const { return problems_of_layers(tree()); }
};

TEST_F(planted_include, a_tree_in_order_has_none) { EXPECT_THAT(problems(), IsEmpty()); }

TEST_F(planted_include, of_a_higher_layer) {
  plant("kvco/wire/writer.cpp", "// The writer.\n#include <kvco/core/link.hpp>\n");
  plant("kvco/detail/printable.cpp", "  # include <kvco/wire/parser.hpp>\n");
  plant("kvco/net/watch.cpp", "#include <kvco/kv/watch.hpp>\n");
  EXPECT_THAT(problems(), ElementsAre("kvco/detail/printable.cpp:1: includes kvco/wire/parser.hpp: upward",
                                      "kvco/net/watch.cpp:1: includes kvco/kv/watch.hpp: upward",
                                      "kvco/wire/writer.cpp:2: includes kvco/core/link.hpp: upward"));
}

TEST_F(planted_include, of_a_handle_by_a_layer) {
  plant("kvco/net/listing.cpp", "#include <kvco/client.hpp>\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("kvco/client.hpp: a handle is above all layers")));
}

TEST_F(planted_include, of_a_layer_by_a_public_header) {
  plant("kvco/watcher.hpp", "#include <kvco/net/session.hpp>\n");
  plant("kvco/observe/log.hpp", "#include <kvco/core/link.hpp>\n");
  plant("kvco/observe/log.cpp", "#include <kvco/core/link.hpp>\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("kvco/observe/log.hpp:1"), HasSubstr("kvco/watcher.hpp:1")));
}

TEST_F(planted_include, of_the_server_for_tests) {
  plant("samples/testing.cpp", "#include <kvco/testing/nats_server.hpp>\n");
  EXPECT_THAT(problems(), IsEmpty());
  plant("samples/testing.cpp", "#include <kvco/testing/child_process.hpp>\n");
  plant("kvco/recipes/lease.hpp", "#include <kvco/testing/nats_server.hpp>\n");
  plant("kvco/watcher.hpp", "#include <kvco/testing/nats_server.hpp>\n");
  EXPECT_EQ(problems().size(), 3u);
}

TEST_F(planted_include, of_a_layer_by_user_code) {
  for (const char* path :
       {"samples/gateway/main.cpp", "bench/kvco_many.cpp", "bench/user_file/with_kvco.cpp",
        "kvco/app/app.cpp", "kvco/recipes/lease.hpp", "kvco/testing/nats_server.hpp", "kvco/cli/main.cpp"}) {
    plant(path, "#include <kvco/bucket.hpp>\n#include <kvco/detail/texts.hpp>\n");
  }
  EXPECT_EQ(problems().size(), 7u);
  EXPECT_THAT(problems(), testing::Each(HasSubstr(":2: includes kvco/detail/texts.hpp: user code")));
}

TEST_F(planted_include, of_its_own_folder_by_user_code_is_right) {
  plant("kvco/recipes/mutex.hpp", "#include <kvco/recipes/lease.hpp>\n");
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(planted_include, of_the_parts_for_users_is_for_their_programs) {
  plant("samples/handlers.cpp", "#include <kvco/app/app.hpp>\n");
  plant("kvco/recipes/mutex.hpp", "#include <kvco/app/app.hpp>\n");
  plant("kvco/net/session.hpp", "#include <kvco/app/app.hpp>\n");
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("kvco/net/session.hpp:1"), HasSubstr("kvco/recipes/mutex.hpp:1")));
}

TEST_F(planted_include, by_a_folder_without_a_layer) {
  plant("kvco/misc/things.hpp", "#include <kvco/detail/texts.hpp>\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("which layer is this folder?")));
}

TEST_F(planted_include, in_quotes) {
  plant("kvco/wire/writer.cpp", "#include \"../core/link.hpp\"\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("in angle brackets")));
}

// --- public headers ----------------------------------------------------------------------------------------------------

TEST_F(planted_include, of_a_private_library_by_a_public_header) {
  EXPECT_THAT(problems_of_public_headers(tree()), IsEmpty());
  plant("kvco/net/json.cpp", "#include <boost/json.hpp>\n");
  plant("kvco/entry.hpp", "#include <boost/json/value.hpp>\n");
  plant("kvco/detail/tls.hpp", "#include <boost/asio/ssl.hpp>\n#include <boost/beast/websocket.hpp>\n");
  plant("kvco/config.hpp", "#include <kvco/detail/tls.hpp>\n");
  EXPECT_THAT(problems_of_public_headers(tree()),
              UnorderedElementsAre("kvco/entry.hpp: brings boost/json/value.hpp",
                                   "kvco/config.hpp: brings boost/asio/ssl.hpp",
                                   "kvco/config.hpp: brings boost/beast/websocket.hpp"));
}

// --- sizes -------------------------------------------------------------------------------------------------------------

TEST_F(planted, file_that_is_too_long) {
  plant_lines("kvco/net/a.cpp", 300);
  plant_lines("kvco/net/b.cpp", 301);
  plant_lines("kvco/c.hpp", 400);
  plant_lines("kvco/d.hpp", 401);
  for (const char* path : {"kvco/e.cpp", "kvco/f.cpp", "kvco/g.cpp", "kvco/h.cpp", "kvco/i.cpp"})
    plant(path, "\n");
  EXPECT_THAT(problems_of_sizes(tree(), {}), ElementsAre("kvco/d.hpp: 401 lines, the maximum is 400",
                                                         "kvco/net/b.cpp: 301 lines, the maximum is 300"));
}

TEST_F(planted, exception_that_grows_or_is_not_needed) {
  plant_lines("kvco/net/a.cpp", 301);
  plant_lines("kvco/net/b.cpp", 311);
  for (const char* path : {"kvco/c.cpp", "kvco/d.cpp", "kvco/e.cpp"}) plant(path, "\n");
  const std::vector<long_file> known = {
      {"kvco/net/a.cpp", 310}, {"kvco/net/b.cpp", 310}, {"kvco/c.cpp", 400}, {"kvco/gone.cpp", 400}};
  EXPECT_THAT(problems_of_sizes(tree(), known),
              ElementsAre("kvco/net/b.cpp: 311 lines, the maximum is 310",
                          "kvco/c.cpp: is no exception any more", "kvco/gone.cpp: is no exception any more"));
}

TEST_F(planted, median_that_is_too_long) {
  for (const char* path : {"kvco/a.cpp", "kvco/b.cpp", "kvco/c.cpp"}) plant_lines(path, 121);
  EXPECT_THAT(problems_of_sizes(tree(), {}), ElementsAre("the median: 121 lines"));
}

// --- comments ----------------------------------------------------------------------------------------------------------

TEST_F(planted, odd_wording_in_a_comment) {
  plant("kvco/a.hpp",
        "// INFO says so.\n"
        "int b;  ///< a name that stands here\n"
        "/// It sends so\n/// many of them.\n"
        "/* Asked anew. */ int c;\n");
  EXPECT_THAT(problems_of_comments(tree(), {}),
              ElementsAre(HasSubstr("kvco/a.hpp:1: \"says\""), HasSubstr("kvco/a.hpp:2: \"stands\""),
                          HasSubstr("kvco/a.hpp:3: \"so many\""), HasSubstr("kvco/a.hpp:5: \"anew\"")));
}

TEST_F(planted, code_is_no_odd_wording) {
  plant("kvco/a.hpp",
        "const char* says = \"it says // so many\";  // right\n"
        "/// `what` is read by what().\n"
        "/// @param what  the noun\n"
        "int tell(int what);\n"
        "// What happens then?\n");
  EXPECT_THAT(problems_of_comments(tree(), {}), IsEmpty());
}

TEST_F(planted, comments_that_are_not_read) {
  plant("kvco/a.hpp", "// It tells.\n");
  plant("kvco/b.hpp", "// It reports.\n");
  const std::vector<std::string_view> known = {"kvco/a.hpp", "kvco/b.hpp", "kvco/gone.hpp"};
  EXPECT_THAT(problems_of_comments(tree(), known),
              ElementsAre("kvco/b.hpp: is no exception any more", "kvco/gone.hpp: is no exception any more"));
}

// --- coroutines --------------------------------------------------------------------------------------------------------

class planted_coroutine : public planted {
 protected:
  std::vector<std::string> problems(std::string_view code, const std::vector<safe_coroutine>& safe = {}) {
    plant("kvco/net/a.cpp", code);
    return problems_of_coroutines(tree(), safe);
  }
};

TEST_F(planted_coroutine, that_takes_values) {
  EXPECT_THAT(problems("asio::awaitable<std::optional<revision>> get(bucket_ptr bucket, std::string key);\n"
                       "// asio::awaitable<void> get(const std::string& key);\n"
                       "const char* text = \"asio::awaitable<void> get(const std::string& key)\";\n"
                       "void get(const std::string& key);\n"
                       "void begin(asio::awaitable<void> work, const std::string& key);\n"),
              IsEmpty());
}

TEST_F(planted_coroutine, that_takes_references_or_views) {
  EXPECT_THAT(problems("\nasio::awaitable<void> a(const std::string& key);\n"
                       "boost::asio::awaitable<std::optional<revision>>\n    type::b(int n,\n      "
                       "std::string_view key) {}\n"
                       "asio::awaitable<void> c(std::span<char> room) override;\n"
                       "asio::awaitable<void> d(T&& given);\n"),
              ElementsAre("kvco/net/a.cpp:2: a(const std::string& key)",
                          "kvco/net/a.cpp:3: type::b(int n, std::string_view key)",
                          "kvco/net/a.cpp:6: c(std::span<char> room)", "kvco/net/a.cpp:7: d(T&& given)"));
}

TEST_F(planted_coroutine, without_a_name) {
  EXPECT_THAT(problems("auto f = [&work](const entry& e) -> asio::awaitable<void> { co_return; };\n"
                       "std::function<asio::awaitable<void>(const entry&)> g;\n"
                       "asio::awaitable<void> operator()(entry& e) const;\n"
                       "auto h(std::string_view key) -> asio::awaitable<void>;\n"
                       "auto ok = [&work]() -> asio::awaitable<void> { co_return; };\n"),
              ElementsAre(HasSubstr(":1: a lambda"), HasSubstr(":2: a lambda"),
                          HasSubstr(":3: operator(entry& e)"), HasSubstr(":4: ")));
}

TEST_F(planted_coroutine, that_is_listed_as_safe) {
  const std::string_view code =
      "asio::awaitable<void> wait(signal& what);\nasio::awaitable<void> type::go(signal& s);\n";
  EXPECT_THAT(problems(code, {{"wait", ""}, {"net/a.cpp: go", ""}}), IsEmpty());
  EXPECT_THAT(problems(code, {{"wait", ""}, {"go", ""}, {"gone", ""}}),
              ElementsAre("gone: is no exception any more"));
  EXPECT_THAT(problems(code, {{"net/a.cpp: wait", ""}, {"net/b.cpp: go", ""}}),
              ElementsAre(HasSubstr("type::go"), "net/b.cpp: go: is no exception any more"));
}

}  // namespace
}  // namespace kvco::test
