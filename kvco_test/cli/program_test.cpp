// The program where a script is not enough: terminals, closed pipes, lost answers, interrupted calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/cli/fixture.hpp>
#include <kvco_test/support/faults/ack_thief.hpp>
#include <kvco_test/support/server/kv_test.hpp>
#include <kvco_test/support/server/raw_client.hpp>

#include <csignal>

#include <sys/stat.h>

namespace kvco::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class command_test : public program_test {};
KVCO_ALSO_ON_OLDER_GENERATIONS(command_test);

TEST_P(command_test, watch_that_is_interrupted_reports_where) {
  add("B");
  kvco({"put", "B", "k", "v"});
  process watch(words({"watch", "B"}), variables);
  watch.wait_for_output("B > k: v\n");
  watch.signal(SIGINT);
  const finished end = watch.wait();
  EXPECT_EQ(end.code, 130);
  EXPECT_EQ(end.err, "kvco: interrupted after revision 1: --revision 2 continues\n");
  kvco({"put", "B", "later", "v"});
  EXPECT_THAT(kvco({"watch", "B", "--revision", "2", "--once"}).out, EndsWith("PUT B > later: v\n"));
}

TEST_P(command_test, import_that_is_interrupted_continues) {
  add("B");
  std::string lines;
  for (int i = 1; i <= 3000; ++i)
    lines += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":\"" + std::to_string(i) + "\"}\n";
  process import(words({"import", "B"}), variables);
  import.write(lines);
  // A batch is stored, and the rest waits for more input.
  while (kvco({"keys", "B", "--count"}).out != "2048\n" && !import.has_ended()) {
  }
  import.signal(SIGINT);
  const finished end = import.wait();
  EXPECT_EQ(end.code, 130);
  // From the first line, if the answers to the batch had not arrived yet.
  const std::string next = end.err.find(" 2049 ") != std::string::npos ? "2049" : "1";
  EXPECT_EQ(end.err, "kvco: interrupted: --from-line " + next + " continues\n");
  EXPECT_EQ(kvco({"import", "B", "--from-line", next}, lines).code, 0);
  EXPECT_EQ(kvco({"keys", "B", "--count"}).out, "3000\n");
  EXPECT_EQ(kvco({"keys", "B", "--count", "*", ">"}).out, "3000\n") << "each once";
  EXPECT_EQ(kvco({"get", "B", "k2048", "--raw"}).out, "2048");
}

// Lines before it are stored: it is no wrong usage.
TEST_P(command_test, import_that_fails_reports_the_line) {
  add("B");
  const finished end =
      kvco({"import", "B"}, "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b..c\",\"value\":\"2\"}\n");
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, HasSubstr("B > b..c"));
  EXPECT_THAT(end.err, HasSubstr("two dots"));
  EXPECT_THAT(end.err, EndsWith("; --from-line 2 continues\n"));
  EXPECT_EQ(kvco({"get", "B", "a", "--raw"}).out, "1");
}

TEST_P(command_test, values_are_exact_bytes) {
  add("A"), add("B");
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(kvco({"put", "A", "bytes", "-"}, bytes).code, 0);
  EXPECT_EQ(kvco({"put", "A", "empty"}, "").code, 0);
  EXPECT_EQ(kvco({"put", "A", "large"}, std::string(500'000, 'x')).code, 0);
  EXPECT_EQ(kvco({"get", "A", "bytes", "--raw"}).out, bytes);
  const std::string lines = kvco({"export", "A"}).out;
  EXPECT_EQ(kvco({"import", "B"}, lines).code, 0);
  EXPECT_EQ(kvco({"get", "B", "bytes", "--raw"}).out, bytes);
  EXPECT_EQ(kvco({"get", "B", "large", "--raw"}).out, std::string(500'000, 'x'));
  EXPECT_EQ(kvco({"diff", "A", "B"}).code, 0);
}

TEST_P(command_test, value_over_the_limit_is_refused_before_it_is_read) {
  add("B");
  process put(words({"put", "B", "k", "-"}), variables);
  put.write(std::string(3u << 20, 'x'));  // and no end of it
  const finished end = put.wait();
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err,
              HasSubstr("standard input: the value is over the 1.0 MiB that the server takes (max_payload)"));
  EXPECT_EQ(kvco({"get", "B", "k"}).code, 3);
}

// Other clients can store keys that would write to the terminal.
TEST_P(command_test, keys_do_not_control_the_terminal) {
  kvco({"add", "B"});
  raw_client raw(server.port());
  raw.request("$KV.B.a\x1b[31m", "v");
  for (const char* verb : {"ls", "keys", "get"}) {
    std::vector<std::string> call = {verb, "B"};
    if (call[0] == "get") call.push_back(">");
    const finished end = kvco(call);
    EXPECT_EQ(end.code, 0) << verb << ": " << end.err;
    EXPECT_EQ(end.out.find('\x1b'), std::string::npos) << verb << ": " << end.out;
  }
}

// A text for both would be the same.
TEST_P(command_test, keys_that_are_not_utf8_are_exported_exactly) {
  add("B");
  raw_client raw(server.port());
  raw.request("$KV.B.k\xfe", "1");
  raw.request("$KV.B.k\xff", "2");
  const std::string lines = kvco({"export", "B"}).out;
  EXPECT_THAT(lines, HasSubstr("\"key_base64\":\"a/4=\",\"revision\":1,"));
  EXPECT_THAT(lines, HasSubstr("\"key_base64\":\"a/8=\",\"revision\":2,"));
  const finished refused = kvco({"import", "B"}, lines);  // ADR-8 allows no such key
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("(ADR-8)"));
  EXPECT_EQ(kvco({"import", "B"}, "{\"key_base64\":\"YS5i\",\"value_base64\":\"/w==\"}\n").code, 0);
  EXPECT_EQ(kvco({"get", "B", "a.b", "--raw"}).out, "\xff");
}

TEST_P(command_test, closed_standard_descriptors_are_errors) {
  add("B");
  EXPECT_EQ(shell("kvco put B k <&-").code, 1);
  EXPECT_EQ(shell("kvco import B <&-").code, 1);
  EXPECT_EQ(shell("kvco keys B >&-").code, 0) << "it prints nothing";
  EXPECT_EQ(shell("kvco ls >&-").code, 1);
  EXPECT_EQ(kvco({"keys", "B"}).out, "") << "nothing was stored";
}

TEST_P(command_test, closed_output_ends_it_silently) {
  add("B");
  kvco({"put", "B", "k", std::string(100'000, 'x')});
  process export_(words({"export", "B"}), variables);
  export_.close_output();
  const finished end = export_.wait();
  EXPECT_EQ(end.code, 128 + SIGPIPE);
  EXPECT_EQ(end.err, "");
  EXPECT_THAT(shell("kvco ls > /dev/full").out, HasSubstr("standard output: No space left on device"));
}

TEST_P(command_test, lost_answer_is_an_unknown_outcome) {
  add("B");
  asio::io_context reactor(1);
  ack_thief thief(reactor.get_executor(), server.port());
  thief.steal_ack_of("$KV.B.k");
  process put(words({"put", "B", "k", "v", "-s", thief.url()}), variables);
  drive(reactor, [&] { return until([&] { return put.has_ended(); }); });
  const finished end = put.wait();
  EXPECT_EQ(end.code, 5);
  EXPECT_THAT(end.err, HasSubstr("B > k: "));
  EXPECT_EQ(kvco({"get", "B", "k", "--raw"}).out, "v") << "it was stored";
  thief.close();
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0, width = 0;
  for (const char c : text) {
    if (c == '\n') widest = std::max(widest, std::exchange(width, 0));
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && c != '\n' && c != '\r') ++width;
  }
  return widest;
}

TEST_P(command_test, terminal_of_20_columns_is_enough) {
  add("SHOP_ORDERS");
  process ls(words({"ls"}), variables, 20);
  const finished end = ls.wait();
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.out, HasSubstr("SHO"));
  EXPECT_LE(widest_line(end.out), 20u) << end.out;
}

TEST_P(command_test, terminal_has_colours_and_is_asked) {
  add("B");
  kvco({"put", "B", "k", "v"});
  const std::string red_put = "\x1b[32mPUT\x1b[0m";
  variables["TERM"] = "xterm";
  process coloured(words({"watch", "B", "--once"}), variables, 80);
  EXPECT_THAT(coloured.wait().out, HasSubstr(red_put));
  variables["NO_COLOR"] = "1";
  process plain(words({"watch", "B", "--once"}), variables, 80);
  EXPECT_THAT(plain.wait().out, HasSubstr(" PUT B > k: v"));
  process asked(words({"del", "B", "k"}), variables, 80);
  asked.wait_for_output("Delete key B > k? [y/N] ");
  asked.write("n\n");
  EXPECT_EQ(asked.wait().code, 1);
  process agreed(words({"del", "B", "k"}), variables, 80);
  agreed.wait_for_output("[y/N] ");
  agreed.write("y\n");
  EXPECT_EQ(agreed.wait().code, 0);
  EXPECT_EQ(kvco({"get", "B", "k"}).code, 3);
}

// It is no refusal.
TEST_P(command_test, signal_at_a_confirmation_is_an_interruption) {
  add("B");
  kvco({"put", "B", "k", "v"});
  for (const std::vector<std::string>& call : std::vector<std::vector<std::string>>{
           {"del", "B", "k"}, {"del", "B"}, {"purge", "B", "k"}, {"compact", "B"}}) {
    process asked(words(call), variables, 80);
    asked.wait_for_output("[y/N] ");
    asked.write("\x03");
    const finished end = asked.wait();
    EXPECT_EQ(end.code, 130) << call[0];
    EXPECT_THAT(end.out, EndsWith("\nkvco: interrupted\r\n"));
  }
  process asked(words({"del", "B", "k"}), variables, 80);
  asked.wait_for_output("[y/N] ");
  asked.signal(SIGTERM);
  EXPECT_EQ(asked.wait().code, 130);
  process left(words({"del", "B", "k"}), variables, 80);
  left.wait_for_output("[y/N] ");
  left.write("\x04");  // the end of the input is a refusal
  EXPECT_EQ(left.wait().code, 1);
  EXPECT_EQ(kvco({"get", "B", "k", "--raw"}).out, "v");
}

TEST_P(command_test, info_without_a_bucket_asks_for_one) {
  add("A"), add("B");
  for (const char* answer : {"2\n", "B\n"}) {
    process asked(words({"info"}), variables, 80);
    asked.wait_for_output("1 A\r\n2 B\r\nWhich bucket? ");
    asked.write(answer);
    const finished end = asked.wait();
    EXPECT_EQ(end.code, 0);
    EXPECT_THAT(end.out, HasSubstr("Bucket B created"));
  }
  process asked(words({"info"}), variables, 80);
  asked.wait_for_output("Which bucket? ");
  asked.write("3\n");
  const finished end = asked.wait();
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.out, HasSubstr("\"3\" is none of these buckets"));
}

TEST_P(command_test, context_environment_and_flags_name_the_server) {
  const auto contexts = folder / ".config/nats/context";
  std::filesystem::create_directories(contexts);
  std::ofstream(contexts / "shop.json") << "{\"url\":\"" << server.url() << "\"}";
  std::ofstream(contexts / "nowhere.json") << "{\"url\":\"nats://127.0.0.1:1\"}";
  std::ofstream(folder / ".config/nats/context.txt") << "nowhere";
  variables.erase("NATS_URL");
  EXPECT_EQ(kvco({"ls"}).code, 75) << "the selected context";
  EXPECT_EQ(kvco({"ls", "--context", "shop"}).code, 0);
  EXPECT_EQ(kvco({"ls", "-s", server.url()}).code, 0);
  variables["NATS_CONTEXT"] = "shop";
  EXPECT_EQ(kvco({"ls"}).code, 0);
  const finished unknown = kvco({"ls", "--context", "gone"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("gone"));
  const finished wrong = kvco({"ls", "--timeout", "soon", "-s", server.url()});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--timeout"));
}

TEST_P(command_test, credentials_in_flags_replace_others) {
  server.reload("authorization { user: u, password: p }");
  EXPECT_EQ(kvco({"ls"}).code, 1);
  EXPECT_EQ(kvco({"ls", "--user", "u", "--password", "wrong"}).code, 1);
  EXPECT_EQ(kvco({"ls", "--user", "u", "--password", "p"}).code, 0);
  variables["NATS_TOKEN"] = "of another server";
  EXPECT_EQ(kvco({"ls", "--user", "u", "--password", "p"}).code, 0);
  const finished lock =
      kvco({"lock", "n", "--user", "u", "--password", "p", "--", "sh", "-c", "echo [$NATS_PASSWORD]"});
  EXPECT_EQ(lock.out, "[]\n") << "a command does not inherit what was a flag";
  variables = {{"NATS_URL", server.url()}, {"NATS_USER", "u"}, {"NATS_PASSWORD", "p"}};
  EXPECT_EQ(kvco({"ls"}).code, 0);
}

TEST_P(command_test, watch_goes_on_after_a_restart_of_the_server) {
  add("B");
  process watch(words({"watch", "B", "--count", "2"}), variables);
  kvco({"put", "B", "k", "before"});
  watch.wait_for_output("B > k: before\n");
  server.restart();
  EXPECT_EQ(kvco({"put", "B", "k", "after"}).code, 0);
  const finished end = watch.wait();
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.out, EndsWith("B > k: after\n"));
}

}  // namespace
}  // namespace kvco::test
