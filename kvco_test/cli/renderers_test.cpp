// What the command prints, without a server: tables, blocks, times, sizes, JSON.
#include <gtest/gtest.h>
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/difference.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/latencies.hpp>
#include <kvco/cli/progress.hpp>
#include <kvco/cli/record.hpp>
#include <kvco/cli/table.hpp>
#include <kvco/cli/texts.hpp>

#include <cstdlib>
#include <ctime>
#include <stdexcept>

namespace kvco::cli {
namespace {

using namespace std::chrono_literals;

/// Seconds since the epoch, in UTC.
time_point at(int year, int month, int day, int hour, int minute, int second) {
  std::tm parts{};
  parts.tm_year = year - 1900, parts.tm_mon = month - 1, parts.tm_mday = day;
  parts.tm_hour = hour, parts.tm_min = minute, parts.tm_sec = second;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

class in_utc : public testing::Test {
 protected:
  in_utc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

bucket_status status_of(std::string_view name) {
  bucket_status out;
  out.config = bucket_config(name);
  out.created = at(2023, 10, 12, 15, 29, 40);
  out.stream.name = "KV_" + std::string(name);
  return out;
}

entry entry_of(std::string_view key, std::string_view value, operation op = operation::put) {
  const auto created = at(2023, 10, 12, 15, 31, 42);
  return entry(
      {.bucket = "SHOP_ORDERS",
       .key = key,
       .value = value,
       .value_size = value.size(),
       .rev = 7,
       .created_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(created.time_since_epoch()).count(),
       .op = op});
}

// --- tables -------------------------------------------------------------------------------------------------------------

using tables = in_utc;

TEST_F(tables, of_buckets_are_those_of_nats) {
  EXPECT_EQ(table_of({status_of("SHOP_ORDERS")}, at(2023, 10, 12, 15, 30, 0)).drawn(),
            "╭───────────────────────────────────────────────────────────────────────────────╮\n"
            "│                               Key-Value Buckets                               │\n"
            "├─────────────┬─────────────┬─────────────────────┬──────┬────────┬─────────────┤\n"
            "│ Bucket      │ Description │ Created             │ Size │ Values │ Last Update │\n"
            "├─────────────┼─────────────┼─────────────────────┼──────┼────────┼─────────────┤\n"
            "│ SHOP_ORDERS │             │ 2023-10-12 15:29:40 │ 0 B  │ 0      │ never       │\n"
            "╰─────────────┴─────────────┴─────────────────────┴──────┴────────┴─────────────╯\n");
}

TEST_F(tables, of_an_entry_is_that_of_nats) {
  EXPECT_EQ(block_of(entry_of("order-1", R"({"Id":1})")),
            "SHOP_ORDERS > order-1 created @ 12 Oct 23 15:31 UTC\n\n{\"Id\":1}\n");
}

TEST_F(tables, have_numbers_on_the_right) {
  EXPECT_EQ(table_of_history("B", "k", {entry_of("k", "a\nb"), entry_of("k", "", operation::purge)}).drawn(),
            "╭───────────────────────────────────────────────────────────────╮\n"
            "│                       History for B > k                       │\n"
            "├─────┬──────────┬───────┬─────────────────────┬────────┬───────┤\n"
            "│ Key │ Revision │ Op    │ Created             │ Length │ Value │\n"
            "├─────┼──────────┼───────┼─────────────────────┼────────┼───────┤\n"
            "│ k   │        7 │ PUT   │ 2023-10-12 15:31:42 │ 3      │ a\\nb  │\n"
            "│ k   │        7 │ PURGE │ 2023-10-12 15:31:42 │ 0      │       │\n"
            "╰─────┴──────────┴───────┴─────────────────────┴────────┴───────╯\n");
}

TEST_F(tables, fit_a_narrow_terminal) {
  const table buckets = table_of({status_of("SHOP_ORDERS")}, at(2023, 10, 12, 15, 30, 0));
  for (const std::size_t width : {1u, 20u, 40u, 60u, 79u, 80u, 81u, 200u}) {
    const std::string drawn = buckets.drawn(width);
    for (std::size_t begin = 0; begin < drawn.size();) {
      const std::size_t end = drawn.find('\n', begin);
      EXPECT_LE(width_of(std::string_view(drawn).substr(begin, end - begin)), width) << drawn;
      begin = end + 1;
    }
  }
  EXPECT_EQ(buckets.drawn(81), buckets.drawn());
}

TEST(table, is_as_wide_as_its_title) {
  table narrow("A long title", {{"K"}});
  narrow.add({"v"});
  EXPECT_EQ(narrow.drawn(),
            "╭──────────────╮\n"
            "│ A long title │\n"
            "├──────────────┤\n"
            "│ K            │\n"
            "├──────────────┤\n"
            "│ v            │\n"
            "╰──────────────╯\n");
}

// --- words -------------------------------------------------------------------------------------------------------------

TEST(byte_sizes, are_to_the_base_1024) {
  EXPECT_EQ(byte_size(0), "0 B");
  EXPECT_EQ(byte_size(1023), "1023 B");
  EXPECT_EQ(byte_size(1229), "1.2 KiB");
  EXPECT_EQ(byte_size(34u << 20), "34 MiB");
  EXPECT_EQ(byte_size(UINT64_MAX), "16 EiB");
}

TEST(human_times, are_short) {
  EXPECT_EQ(human_time(0ns), "0µs");
  EXPECT_EQ(human_time(1500us), "1.5ms");
  EXPECT_EQ(human_time(12'340ms), "12.34s");
  EXPECT_EQ(human_time(63s), "1m3s");
  EXPECT_EQ(human_time(3600s), "1h0m0s");
  EXPECT_EQ(human_time(48h + 3h + 4min + 5s), "2d3h4m5s");
  EXPECT_EQ(human_time(24h * 400), "1y35d0h0m0s");
}

TEST(numbers, have_commas) {
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1'234'567), "1,234,567");
}

TEST(shown_values, are_text_or_base64) {
  EXPECT_EQ(shown("grün\n"), "grün\n");
  EXPECT_EQ(shown("\x1b[2J"), "G1sySg==") << "a terminal must not obey a value";
  EXPECT_EQ(shown("\xff"), "/w==");
  EXPECT_EQ(shown("\xed\xa0\x80"), "7aCA") << "a surrogate is no character";
  EXPECT_EQ(shown_in_a_line("a\n\tb"), "a\\n\\tb");
}

TEST(cut_texts, keep_whole_characters) {
  EXPECT_EQ(cut_to("grün", 4), "grün");
  EXPECT_EQ(cut_to("grünes", 4), "grü…");
  EXPECT_EQ(cut_to("abc", 1), "…");
}

// --- JSON --------------------------------------------------------------------------------------------------------------

TEST(json_lines, have_the_exact_bytes) {
  for (const std::string value :
       {"", "text", "\"quoted\\\"\n", "\x01\x7f", "grün", "\xff\xfe\0x", "[1,2]", "{}"}) {
    const record read = parse_record(json_of(entry_of("a.b", value)));
    EXPECT_EQ(read.key, "a.b");
    EXPECT_EQ(read.value, value);
    EXPECT_EQ(read.op, operation::put);
  }
  for (const std::string key : {"k\xfe", "k\xff", "grün", "\"\\\n"})
    EXPECT_EQ(parse_record(json_of(entry_of(key, ""))).key, key);
  EXPECT_EQ(parse_record(json_of(entry_of("k", "", operation::erase))).op, operation::erase);
  EXPECT_EQ(parse_record(json_of(entry_of("k", "", operation::purge))).op, operation::purge);
}

TEST(json_lines, are_one_object_each) {
  EXPECT_EQ(json_of(entry_of("order-1", "x")),
            "{\"bucket\":\"SHOP_ORDERS\",\"key\":\"order-1\",\"revision\":7,\"operation\":\"PUT\","
            "\"created\":\"2023-10-12T15:31:42.000000000Z\",\"value\":\"x\"}\n");
  EXPECT_EQ(json_of_write("B", "k", 3), "{\"bucket\":\"B\",\"key\":\"k\",\"revision\":3}\n");
}

void expect_refused(std::string_view line, const std::string& rule) {
  try {
    parse_record(line);
    ADD_FAILURE() << line << " was not refused";
  } catch (const std::invalid_argument& why) {
    EXPECT_EQ(why.what(), rule) << line;
  }
}

TEST(records, are_refused_with_the_rule) {
  expect_refused("", "must be one JSON object");
  expect_refused("[]", "must be one JSON object");
  expect_refused("{\"key\":\"a\",\"value\":\"b\"} x", "must be one JSON object");
  expect_refused("{\"value\":\"b\"}", "must have either \"key\" or \"key_base64\"");
  expect_refused("{\"key\":\"a\",\"key_base64\":\"YQ==\",\"value\":\"b\"}",
                 "must have either \"key\" or \"key_base64\"");
  expect_refused("{\"key_base64\":\"?\",\"value\":\"b\"}", "\"key_base64\" must be base64");
  expect_refused("{\"key\":1,\"value\":\"b\"}", "\"key\" must be a string");
  expect_refused("{\"key\":\"a\"}", "must have either \"value\" or \"value_base64\"");
  expect_refused("{\"key\":\"a\",\"value\":\"b\",\"value_base64\":\"Yg==\"}",
                 "must have either \"value\" or \"value_base64\"");
  expect_refused("{\"key\":\"a\",\"value_base64\":\"?\"}", "\"value_base64\" must be base64");
  expect_refused("{\"key\":\"a\",\"value\":\"b\",\"operation\":\"GET\"}",
                 "\"operation\" must be PUT, DELETE or PURGE");
}

// --- the rest ----------------------------------------------------------------------------------------------------------

TEST(differences_of, are_sorted_by_key) {
  const std::vector<entry> before = {entry_of("same", "1"), entry_of("gone", "2"), entry_of("changed", "3")};
  const std::vector<entry> after = {entry_of("changed", "4"), entry_of("new", "5"), entry_of("same", "1")};
  const auto all = differences(before, after);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].key, "changed");
  EXPECT_EQ(all[0].before, "3");
  EXPECT_EQ(all[0].after, "4");
  EXPECT_EQ(all[1].key, "gone");
  EXPECT_EQ(all[1].after, std::nullopt);
  EXPECT_EQ(all[2].key, "new");
  EXPECT_EQ(all[2].before, std::nullopt);
}

TEST(progress_lines, fit_the_terminal) {
  EXPECT_EQ(progress_line("importing", 1234, std::nullopt, 2s, 0), "importing 1,234, 617/s");
  EXPECT_EQ(progress_line("copying", 50, 100, 1s, 60),
            "copying [=============>             ] 50 % 50 of 100, 50/s");
  for (std::size_t width = 1; width < 90; ++width)
    EXPECT_LE(width_of(progress_line("copying", 50, 100, 1s, width)), width);
}

TEST(latencies, are_summed_up) {
  latencies all;
  for (int i = 1; i <= 100; ++i) all.add(std::chrono::microseconds(i));
  const latency_summary of = all.summary();
  EXPECT_DOUBLE_EQ(of.min, 1);
  EXPECT_DOUBLE_EQ(of.max, 100);
  EXPECT_DOUBLE_EQ(of.average, 50.5);
  EXPECT_DOUBLE_EQ(of.p50, 50);
  EXPECT_DOUBLE_EQ(of.p90, 90);
  EXPECT_DOUBLE_EQ(of.p99, 99);
  EXPECT_DOUBLE_EQ(of.p999, 100);
  EXPECT_NEAR(of.deviation, 28.866, 0.001);
  EXPECT_EQ(
      rate_line(100, 102400, 2s, of),
      "50 msgs/sec ~ 50 KiB/sec ~ min: 1.00us ~ avg: 50.50us ~ max: 100.0us ~ P50: 50.00us ~ P90: 90.00us ~ "
      "P99: 99.00us ~ P99.9: 100.0us");
}

}  // namespace
}  // namespace kvco::cli
