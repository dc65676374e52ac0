// The program `kvco` in a bucket that another client has made.
#include <gmock/gmock.h>
#include <kvco_test/cli/process.hpp>
#include <kvco_test/interop/pairing.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;

class interop_command : public interop_fixture {
 protected:
  finished kvco(std::vector<std::string> words, std::string_view input = {}) {
    words.insert(words.begin(), KVCO_PROGRAM);
    process one(std::move(words), {{"NATS_URL", server.url()}, {"HOME", "/nonexistent"}, {"TZ", "UTC"}});
    one.write(input);
    one.close_input();
    return one.wait();
  }
};
INSTANTIATE_TEST_SUITE_P(with, interop_command,
                         testing::ValuesIn(pairings({"nats_io_kv", "nats_js", "nats_c"},
                                                    server_generations())),
                         name_of);

TEST_P(interop_command, works_in_a_bucket_that_the_other_made) {
  EXPECT_EQ(other.ask("make THEIRS 3"), "");
  EXPECT_EQ(other.ask("put order-1 " + to_hex(R"({"Id":1})")), "1");
  EXPECT_THAT(kvco({"ls"}).out, HasSubstr("│ THEIRS "));
  EXPECT_THAT(kvco({"info", "THEIRS", "--json"}).out, HasSubstr("\"history\":3"));
  EXPECT_EQ(kvco({"get", "THEIRS", "order-1", "--raw"}).out, R"({"Id":1})");
  EXPECT_EQ(kvco({"put", "THEIRS", "order-1", "-"}, std::string_view("a\0b", 3)).code, 0);
  EXPECT_EQ(other.ask("get order-1"), "2:PUT:order-1:" + to_hex(std::string_view("a\0b", 3)));
  EXPECT_EQ(kvco({"update", "THEIRS", "order-1", "paid", "1"}).code, 4);
  EXPECT_EQ(kvco({"update", "THEIRS", "order-1", "paid", "2"}).code, 0);
  EXPECT_EQ(kvco({"create", "THEIRS", "order-1", "again"}).code, 4);
  EXPECT_EQ(other.ask("delete order-1"), "");
  EXPECT_EQ(kvco({"get", "THEIRS", "order-1"}).code, 3);
  EXPECT_EQ(kvco({"create", "THEIRS", "order-1", "again"}).code, 0);
  EXPECT_EQ(other.ask("history order-1"),
            "3:PUT:order-1:" + to_hex("paid") + " 4:DEL:order-1: 5:PUT:order-1:" + to_hex("again"));
  EXPECT_EQ(kvco({"keys", "THEIRS"}).out, "order-1\n");
  EXPECT_EQ(kvco({"purge", "THEIRS", "order-1", "--force"}).code, 0);
  EXPECT_EQ(other.ask("history order-1"), "6:PURGE:order-1:");
  EXPECT_EQ(other.ask("keys"), "");
}

}  // namespace
}  // namespace kvco::test
