// Words -> a verb with its arguments and flags; and what a shell may offer for the next word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco/cli/command_line.hpp>
#include <kvco/cli/complete.hpp>
#include <kvco/cli/exit_code.hpp>
#include <kvco/cli/help.hpp>
#include <kvco/cli/parsed.hpp>
#include <kvco/cli/texts.hpp>

namespace kvco::cli {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

using words = std::vector<std::string>;

std::string refused(const words& given) {
  try {
    parse(given);
  } catch (const failure& why) {
    EXPECT_EQ(why.code(), exit_code::usage);
    return why.what();
  }
  return "not refused";
}

TEST(command_lines, give_a_verb_its_arguments_and_flags) {
  const command_line line = parse({"-s", "nats://one", "put", "B", "k", "--json", "v"});
  ASSERT_NE(line.which, nullptr);
  EXPECT_EQ(line.which->name, "put");
  EXPECT_EQ(line.values.text("BUCKET"), "B");
  EXPECT_EQ(line.values.text("KEY"), "k");
  EXPECT_EQ(line.values.text("VALUE"), "v");
  EXPECT_EQ(line.values.text("server"), "nats://one");
  EXPECT_TRUE(line.values.has("json"));
  EXPECT_FALSE(line.values.has("file"));
}

TEST(command_lines, keep_values_as_they_were_written) {
  for (const std::string value :
       {"", "-", "-5", "{}", "[1,2]", "[]", "a b", "'x'", "\"q\"", "a,b", "%", "x=y", "true"}) {
    EXPECT_EQ(parse({"put", "B", "k", value}).values.all("VALUE"), words{value}) << value;
  }
  EXPECT_EQ(parse({"put", "B", "k", "--", "--force"}).values.text("VALUE"), "--force");
  EXPECT_EQ(parse({"add", "B", "--description", "[a,b]"}).values.text("description"), "[a,b]");
}

TEST(command_lines, have_as_many_words_as_are_given) {
  EXPECT_THAT(parse({"get", "B", "a", "b", "c"}).values.all("KEY"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(parse({"add", "B", "--metadata", "a=1", "--metadata", "b=2"}).values.all("metadata"),
              ElementsAre("a=1", "b=2"));
  const command_line line = parse({"lock", "n", "--wait", "0", "--", "sh", "-c", "exit 3", "[x]", "{}"});
  EXPECT_THAT(line.values.all("COMMAND"), ElementsAre("sh", "-c", "exit 3", "[x]", "{}"));
  EXPECT_EQ(line.values.text("wait"), "0");
}

TEST(command_lines, know_verbs_by_other_names) {
  EXPECT_EQ(parse({"rm", "B"}).which->name, "del");
  EXPECT_EQ(parse({"list"}).which->name, "ls");
}

TEST(command_lines, are_refused_with_what_is_wrong) {
  EXPECT_THAT(refused({"frobnicate"}), HasSubstr("frobnicate"));
  EXPECT_THAT(refused({"get", "B", "k", "--frobnicate"}), HasSubstr("--frobnicate"));
  EXPECT_THAT(refused({"get", "B", "k", "--revision"}), HasSubstr("revision"));
  EXPECT_EQ(refused({"get", "B"}), "get: KEY is missing");
  EXPECT_EQ(refused({"get"}), "get: BUCKET is missing");
  EXPECT_THAT(refused({"put", "B", "k", "v", "w"}), HasSubstr("w"));
  EXPECT_EQ(refused({"add", "B", "--history", "1", "--history", "2", "--history", "3"}),
            "add: --history is given more than once");
  EXPECT_EQ(refused({"edit", "B", "--histori", "3"}), "edit: there is no flag --histori");
  EXPECT_EQ(refused({"del", "B", "--force=false"}), "del: --force takes no value");
  EXPECT_EQ(refused({"lock", "n", "ls", "--json"}), "lock: the command must follow --");
}

TEST(values, are_read_with_their_units) {
  EXPECT_EQ(parse_time("250ms"), 250ms);
  EXPECT_EQ(parse_time("1h30m"), 90min);
  EXPECT_EQ(parse_time("2d"), 48h);
  EXPECT_EQ(parse_time("1.5s"), 1500ms);
  EXPECT_EQ(parse_time("0"), 0ns);
  for (const char* wrong : {"", "5", "s", "5x", "-5s", "1..2s", "5s ", "99999999y"})
    EXPECT_EQ(parse_time(wrong), std::nullopt) << wrong;
  EXPECT_EQ(parse_size("512"), 512);
  EXPECT_EQ(parse_size("1KB"), 1024);
  EXPECT_EQ(parse_size("2M"), 2 << 20);
  EXPECT_EQ(parse_size("1GiB"), 1 << 30);
  for (const char* wrong : {"", "K", "1X", "-1", "1 K", "99999999T"})
    EXPECT_EQ(parse_size(wrong), std::nullopt) << wrong;
  for (const char* wrong : {"", "-1", "1x", "99999999999999999999"})
    EXPECT_EQ(parse_number(wrong), std::nullopt) << wrong;
}

// --- help --------------------------------------------------------------------------------------------------------------

TEST(help_of, every_verb_fits_the_terminal) {
  std::vector<std::string> texts = {help(20), help(80), help(0)};
  for (const verb* each : all_verbs()) {
    EXPECT_FALSE(each->summary.empty()) << each->name;
    EXPECT_NE(each->run, nullptr) << each->name;
    const std::string text = help(*each, 80);
    EXPECT_THAT(text, HasSubstr("kvco " + std::string(each->name)));
    for (const flag& one : each->flags) EXPECT_THAT(text, HasSubstr("--" + std::string(one.name)));
    if (each->in == family::hidden) continue;
    EXPECT_THAT(texts[1], HasSubstr("  " + std::string(each->name)));
  }
}

TEST(help_of, the_command_is_wrapped) {
  EXPECT_EQ(wrapped("one two three\n\nfour", 2, 9), "  one two\n  three\n\n  four\n");
  EXPECT_EQ(wrapped("a-very-long-word b", 0, 5), "a-very-long-word\nb\n");
}

TEST(help_of, every_verb_has_examples_of_itself) {
  for (const verb* each : all_verbs()) {
    EXPECT_TRUE(each->flags.empty() || !each->examples.empty()) << each->name;
    for (const std::string_view example : each->examples)
      EXPECT_THAT(std::string(example), testing::ContainsRegex("kvco (" + std::string(each->name) + "|" +
                                                               std::string(each->alias) + ")( |$)"));
  }
}

// --- completion --------------------------------------------------------------------------------------------------------

TEST(completions, are_verbs_first) {
  EXPECT_THAT(completion_of({""}).words, Contains("put"));
  EXPECT_THAT(completion_of({"pu"}).words, ElementsAre("put", "purge"));
  EXPECT_THAT(completion_of({"-s", "nats://one", "comp"}).words, ElementsAre("compact", "completion"));
  EXPECT_THAT(completion_of({""}).words, testing::Not(Contains("__complete")));
}

TEST(completions, are_flags_after_a_dash) {
  EXPECT_THAT(completion_of({"get", "B", "--r"}).words, ElementsAre("--raw", "--revision"));
  EXPECT_THAT(completion_of({"--serv"}).words, ElementsAre("--server"));
}

TEST(completions, are_buckets_and_keys_of_the_server) {
  EXPECT_EQ(completion_of({"get", ""}).as, completes::bucket);
  const completion key = completion_of({"get", "--raw", "B", "order."});
  EXPECT_EQ(key.as, completes::key);
  EXPECT_EQ(key.bucket, "B");
  EXPECT_EQ(key.begin, "order.");
  EXPECT_EQ(completion_of({"get", "B", "a", "b"}).as, completes::key) << "one of many";
  EXPECT_EQ(completion_of({"put", "B", "k", ""}).as, completes::nothing);
  EXPECT_EQ(completion_of({"cp", "A", ""}).as, completes::bucket);
  EXPECT_EQ(completion_of({"lock", "--bucket", ""}).as, completes::bucket);
  EXPECT_EQ(completion_of({"lock", "n", "--", ""}).as, completes::command);
  EXPECT_EQ(completion_of({"--creds", ""}).as, completes::file);
  EXPECT_THAT(completion_of({"completion", ""}).words, ElementsAre("bash", "zsh", "fish"));
}

}  // namespace
}  // namespace kvco::cli
