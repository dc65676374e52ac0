// traceparent and tracestate by the rules of W3C Trace Context, with the bad inputs that it names.
#include <gtest/gtest.h>

#include <kvco/messaging/headers.hpp>
#include <kvco/messaging/message.hpp>
#include <kvco/messaging/trace_context.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kvco::test {
namespace {

constexpr std::string_view good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

trace_context example() {
  return {.trace_id = {0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80,
                       0x31, 0x9c},
          .parent_id = {0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31},
          .flags = trace_context::sampled};
}

TEST(traceparent, is_read_and_written) {
  const std::optional<trace_context> read = parse_traceparent(good);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, example());
  EXPECT_TRUE(read->is_sampled());
  EXPECT_EQ(format_traceparent(*read), good);
}

TEST(traceparent, of_another_form_is_nothing) {
  const std::string text(good);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_traceparent(text.substr(0, size))) << size;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char wrong : {'g', '_', ' ', '\0', '\xff'}) {
      std::string changed = text;
      changed[at] = wrong;
      EXPECT_FALSE(parse_traceparent(changed)) << changed;
    }
  }
  for (const char* wrong :
       {"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",  // upper case
        "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",   // no trace
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",   // no parent
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",   // no version
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",  // version 00 ends here
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ",
        "00-af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    EXPECT_FALSE(parse_traceparent(wrong)) << wrong;
  }
}

TEST(traceparent, of_a_later_version_is_read_as_this_one) {
  EXPECT_EQ(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), example());
  EXPECT_EQ(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future"),
            example());
  EXPECT_EQ(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-"), example());
  EXPECT_FALSE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what"));
  EXPECT_FALSE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"));
}

TEST(traceparent, keeps_the_flags_that_have_a_meaning) {
  const struct {
    std::string_view text;
    std::uint8_t flags;
  } table[] = {{"00", 0}, {"01", 1}, {"02", 2}, {"03", 3}, {"08", 0}, {"09", 1}, {"ff", 3}};
  for (const auto& [text, flags] : table) {
    const std::string whole = std::string(good.substr(0, 53)) + std::string(text);
    const std::optional<trace_context> read = parse_traceparent(whole);
    ASSERT_TRUE(read) << whole;
    EXPECT_EQ(read->flags, flags) << whole;
  }
  trace_context all = example();
  all.flags = 0xff;
  EXPECT_EQ(format_traceparent(all).substr(53), "03");
}

TEST(traceparent, of_a_context_without_ids_is_empty) {
  EXPECT_EQ(format_traceparent({}), "");
  trace_context no_parent = example(), no_trace = example();
  no_parent.parent_id = {};
  no_trace.trace_id = {};
  EXPECT_EQ(format_traceparent(no_parent), "");
  EXPECT_EQ(format_traceparent(no_trace), "");
  EXPECT_FALSE(no_trace.valid());
}

TEST(a_trace, goes_into_headers_and_comes_out) {
  trace_context sent = example();
  sent.state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
  headers fields{{"Customer", "ann"}};
  inject_trace(sent, fields);
  EXPECT_EQ(fields, (headers{{"Customer", "ann"},
                             {"traceparent", good},
                             {"tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"}}));
  EXPECT_EQ(extract_trace(fields), sent);
}

TEST(a_trace, replaces_another_one) {
  headers fields{{"Traceparent", good}, {"traceparent", good}, {"TraceState", "a=1"}, {"tracestate", "b=2"}};
  trace_context other = example();
  other.parent_id[0] = 1;
  inject_trace(other, fields);
  EXPECT_EQ(fields, (headers{{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-01ad6b7169203331-01"}}));
  inject_trace({}, fields);
  EXPECT_TRUE(fields.empty()) << "no context: no field";
}

TEST(a_trace, has_names_of_any_case) {
  EXPECT_EQ(extract_trace(headers{{"Traceparent", good}}), example());
  const std::optional<trace_context> read =
      extract_trace(headers{{"TRACEPARENT", good}, {"TraceState", "a=1"}, {"TRACESTATE", "b=2"}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, "a=1,b=2") << "several fields are one list";
  EXPECT_FALSE(extract_trace(headers{{"traceparents", good}, {"X-traceparent", good}}));
}

TEST(a_trace, is_not_continued_where_it_is_not_clear) {
  EXPECT_FALSE(extract_trace(headers{}));
  EXPECT_FALSE(extract_trace(headers{{"tracestate", "a=1"}}));
  EXPECT_FALSE(extract_trace(headers{{"traceparent", "wrong"}, {"tracestate", "a=1"}}));
  EXPECT_FALSE(extract_trace(headers{{"traceparent", good}, {"Traceparent", good}}));
  EXPECT_FALSE(extract_trace(headers{{"traceparent", ""}}));
}

TEST(a_trace, of_a_message_without_headers_is_nothing) {
  EXPECT_FALSE(extract_trace(message()));
  EXPECT_FALSE(extract_trace(message("a", "", "", "payload")));
  const std::string block = "NATS/1.0\r\nTraceparent: " + std::string(good) + "\r\n\r\n";
  EXPECT_EQ(extract_trace(message("a", "", block, "payload")), example());
}

}  // namespace
}  // namespace kvco::test
