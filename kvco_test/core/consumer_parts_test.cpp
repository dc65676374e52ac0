// The parts of an ordered consumer by themselves: core/flow_window.cpp, core/stream_identity.cpp, core/consumer_plan.cpp,
// core/consumer_refusal.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/core/consumer_plan.hpp>
#include <kvco/core/consumer_refusal.hpp>
#include <kvco/core/flow_window.hpp>
#include <kvco/core/stream_identity.hpp>
#include <string>
#include <vector>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;

// --- flow_window -----------------------------------------------------------------------------------------------------------

TEST(flow_window, answers_at_once_while_the_user_keeps_up) {
  flow_window window;
  window.request("fc.1");
  ASSERT_TRUE(window.is_due());
  EXPECT_EQ(window.take_due(), "fc.1");
  EXPECT_FALSE(window.is_due() || window.is_withholding());
}

TEST(flow_window, answers_when_what_came_before_was_taken) {
  flow_window window;
  window.give();
  window.give();
  window.request("fc.1");
  window.give();
  window.request("fc.2");
  window.take(1);
  EXPECT_FALSE(window.is_due());
  window.take(2);
  ASSERT_TRUE(window.is_due());
  EXPECT_EQ(window.take_due(), "fc.1");
  EXPECT_FALSE(window.is_due());
  EXPECT_TRUE(window.is_withholding());
  window.take(3);
  EXPECT_EQ(window.take_due(), "fc.2");
}

TEST(flow_window, answers_each_subject_once) {
  flow_window window;
  window.give();
  window.request("fc.1");
  window.request("fc.1");
  window.take(1);
  EXPECT_EQ(window.take_due(), "fc.1");
  EXPECT_FALSE(window.is_due());
}

TEST(flow_window, of_a_consumer_that_is_gone_is_not_opened_by_the_next_one) {
  flow_window window;
  EXPECT_TRUE(window.has_room());
  window.give();
  window.request("fc.1");
  window.give();
  window.request("fc.2");
  window.forget();
  EXPECT_FALSE(window.is_withholding() || window.is_due());
  EXPECT_FALSE(window.has_room());
  window.forget();  // nothing is withheld: the first one counts
  window.take(1);
  EXPECT_TRUE(window.has_room()) << "what came before the first request was taken";
  EXPECT_FALSE(window.is_due());
}

// --- stream_identity ---------------------------------------------------------------------------------------------------------

using verdict = stream_identity::verdict;
const std::string first_day = "2026-01-01T00:00:00Z", second_day = "2026-01-02T00:00:00Z";
constexpr std::int64_t third_day_ns = 1767398400'000000000;
constexpr time_point start{1h};

jetstream::stream_info stream_of(const std::string& created, std::uint64_t last, int replicas = 1) {
  jetstream::stream_info info;
  info.created = created;
  info.status.last_revision = last;
  info.status.config.replicas(replicas);
  return info;
}

TEST(stream_identity, is_that_of_the_first_one) {
  stream_identity identity;
  EXPECT_EQ(identity.judge(stream_of(first_day, 10), 0, 0, start), verdict::same);
  EXPECT_EQ(identity.created(), first_day);
  EXPECT_EQ(identity.judge(stream_of(first_day, 10), 10, 0, start), verdict::same);
  EXPECT_EQ(identity.judge(stream_of(second_day, 10), 0, third_day_ns, start), verdict::other);
  EXPECT_EQ(identity.created(), first_day);
}

TEST(stream_identity, without_its_end_is_shrunk) {
  stream_identity identity;
  EXPECT_EQ(identity.judge(stream_of(first_day, 9), 10, 0, start), verdict::shrunk);
}

TEST(stream_identity, of_replicas_may_catch_up_for_a_while) {
  stream_identity identity;
  EXPECT_EQ(identity.judge(stream_of(first_day, 9, 3), 10, 0, start), verdict::catching_up);
  EXPECT_EQ(identity.judge(stream_of(first_day, 9, 3), 10, 0, start + 59s), verdict::catching_up);
  EXPECT_EQ(identity.judge(stream_of(first_day, 10, 3), 10, 0, start + 59s), verdict::same);
  EXPECT_EQ(identity.judge(stream_of(first_day, 9, 3), 10, 0, start + 2min), verdict::catching_up);
  EXPECT_EQ(identity.judge(stream_of(first_day, 9, 3), 10, 0, start + 3min), verdict::shrunk);
}

// The nodes of a cluster of 2.10 do not agree on when a stream was created.
TEST(stream_identity, of_replicas_may_have_a_later_time_that_its_entries_disprove) {
  stream_identity identity;
  identity.judge(stream_of(first_day, 10, 3), 0, 0, start);
  EXPECT_EQ(identity.judge(stream_of(second_day, 10, 3), 0, third_day_ns, start), verdict::same);
  EXPECT_EQ(identity.created(), second_day);
  EXPECT_EQ(identity.judge(stream_of(first_day, 10, 3), 0, third_day_ns, start), verdict::same);
  EXPECT_EQ(identity.created(), second_day) << "the later one is kept";
}

TEST(stream_identity, of_replicas_is_another_one_when_it_is_younger_than_its_entries) {
  stream_identity identity;
  identity.judge(stream_of(first_day, 10, 3), 0, 0, start);
  EXPECT_EQ(identity.judge(stream_of(second_day, 10, 3), 0, 0, start), verdict::other);
  EXPECT_EQ(identity.judge(stream_of("not a time", 10, 3), 0, third_day_ns, start), verdict::other);
}

// --- consumer_plan -----------------------------------------------------------------------------------------------------------

consumer_settings settings_with(std::vector<std::string> filters) {
  consumer_settings settings;
  settings.bucket = "b";
  settings.stream = "KV_b";
  settings.key_prefix = "$KV.b.";
  settings.deliver_prefix = "_INBOX.w.";
  settings.filters = std::move(filters);
  return settings;
}

TEST(consumer_plan, of_one_filter_has_it_in_the_subject) {
  const consumer_settings settings = settings_with({"a.>"});
  consumer_plan plan;
  plan.prepare(settings);
  EXPECT_EQ(plan.single_subject(), "$KV.b.a.>");
  EXPECT_FALSE(plan.is_list());
  EXPECT_TRUE(plan.wants("a.b", false)) << "the server filters";
  EXPECT_EQ(plan.too_long(), "");
}

TEST(consumer_plan, of_a_list_looks_at_keys_until_the_server_has_taken_it) {
  const consumer_settings settings = settings_with({"a.>", "b"});
  consumer_plan plan;
  plan.serve(true, 1 << 20);
  plan.prepare(settings);
  EXPECT_TRUE(plan.is_list());
  EXPECT_EQ(plan.single_subject(), "");
  EXPECT_THAT(plan.request(settings).filter_subjects, testing::ElementsAre("$KV.b.a.>", "$KV.b.b"));
  EXPECT_TRUE(plan.wants("a.x", false));
  EXPECT_FALSE(plan.wants("c", false));
  EXPECT_TRUE(plan.wants("c", true)) << "it is not delivered";
}

TEST(consumer_plan, of_a_server_that_refuses_lists_asks_for_more_and_leaves_the_rest_out) {
  const consumer_settings settings = settings_with({"a.>", "b"});
  consumer_plan plan;
  plan.prepare(settings);
  EXPECT_TRUE(plan.refuse_lists());
  plan.prepare(settings);
  EXPECT_FALSE(plan.is_list());
  EXPECT_FALSE(plan.refuse_lists()) << "there is nothing else to try";
  EXPECT_EQ(plan.single_subject(), "$KV.b.>");
  EXPECT_TRUE(plan.wants("a.x", true));
  EXPECT_FALSE(plan.wants("c", true));

  consumer_plan old;
  old.serve(false, 1 << 20);
  old.prepare(settings);
  EXPECT_EQ(old.single_subject(), "$KV.b.>");
}

TEST(consumer_plan, of_a_list_that_is_longer_than_a_message) {
  const consumer_settings settings = settings_with({"a.>", "b"});
  consumer_plan plan;
  plan.serve(true, 100);
  plan.prepare(settings);
  EXPECT_NE(plan.too_long().find("2 filters make a request of"), std::string::npos) << plan.too_long();
  plan.serve(true, 1 << 20);
  plan.prepare(settings);
  EXPECT_EQ(plan.too_long(), "");
}

TEST(consumer_plan, stays_within_limits_that_a_server_has_refused_for) {
  const consumer_settings settings = settings_with({">"});
  consumer_plan plan;
  plan.prepare(settings);
  EXPECT_FALSE(plan.request(settings).within_limits);
  EXPECT_TRUE(plan.refuse_limits());
  EXPECT_TRUE(plan.request(settings).within_limits);
  EXPECT_FALSE(plan.refuse_limits());
}

// --- consumer_refusals ---------------------------------------------------------------------------------------------------------

const error_code limit_reached(10026, jetstream_category());

TEST(consumer_refusals, are_final_when_they_last) {
  consumer_refusals refusals;
  EXPECT_TRUE(may_pass(limit_reached));
  EXPECT_FALSE(refusals.is_final(limit_reached, true, start));
  EXPECT_FALSE(refusals.is_final(limit_reached, true, start + 61s)) << "two are not enough";
  EXPECT_FALSE(refusals.is_final(client_error::timeout, true, start + 61s)) << "a silence is none";
  EXPECT_TRUE(refusals.is_final(limit_reached, true, start + 62s));
}

TEST(consumer_refusals, of_a_watch_that_begins_are_final_sooner) {
  consumer_refusals refusals;
  EXPECT_FALSE(refusals.is_final(limit_reached, false, start));
  EXPECT_FALSE(refusals.is_final(limit_reached, false, start + 100ms));
  EXPECT_FALSE(refusals.is_final(limit_reached, false, start + 900ms));
  EXPECT_TRUE(refusals.is_final(limit_reached, false, start + 1s));
}

TEST(consumer_refusals, begin_again_after_another_error_or_success) {
  consumer_refusals refusals;
  for (int i = 0; i < 3; ++i) refusals.is_final(limit_reached, true, start + i * 40s);
  EXPECT_FALSE(refusals.is_final(error_code(10009, jetstream_category()), true, start + 120s));
  EXPECT_FALSE(refusals.is_final(limit_reached, true, start + 121s));
  refusals.clear();
  EXPECT_FALSE(refusals.is_final(limit_reached, true, start + 300s));
}

TEST(consumer_refusals, are_codes_of_jetstream) {
  EXPECT_TRUE(refuses_filters(error_code(10138, jetstream_category())));
  EXPECT_FALSE(refuses_filters(error_code(10138, boost::system::generic_category())));
  EXPECT_FALSE(may_pass(error_code(10026, boost::system::generic_category())));
  EXPECT_FALSE(may_pass(client_error::permission_denied));
}

}  // namespace
}  // namespace kvco::core
