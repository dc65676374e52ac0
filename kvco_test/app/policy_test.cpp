// What follows a failure, the phases of an app, dead letters by their keys, and the metrics.
#include <gmock/gmock.h>

#include <boost/system/system_error.hpp>
#include <kvco/app/app_error.hpp>
#include <kvco/app/error_policy.hpp>
#include <kvco/app/handler_health.hpp>
#include <kvco/app/lifecycle.hpp>
#include <stdexcept>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using handling::failure_kind;
using handling::failure_plan;
using handling::lifecycle;
using handling::plan_after;
using handling::rules_of;
using testing::HasSubstr;

error_code refusal_of(const error_policy& policy) {
  try {
    rules_of(policy);
    return {};
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
}

TEST(error_policy, by_default_skips_at_once) {
  const failure_plan next = plan_after(rules_of({}), failure_kind::thrown, 1, 0);
  EXPECT_FALSE(next.is_retried);
  EXPECT_EQ(next.then, after_failure::skip);
}

TEST(error_policy, retries_with_delays_that_double_up_to_the_maximum) {
  const auto rules =
      rules_of({.retries = 5, .first_delay = 50ms, .max_delay = 300ms, .then = after_failure::stop_app});
  const duration delays[] = {50ms, 100ms, 200ms, 300ms, 300ms};
  for (std::size_t attempt = 1; attempt <= 5; ++attempt) {
    const failure_plan next = plan_after(rules, failure_kind::thrown, attempt, 0);
    EXPECT_TRUE(next.is_retried);
    EXPECT_EQ(next.delay, delays[attempt - 1]);
    EXPECT_EQ(plan_after(rules, failure_kind::thrown, attempt, 1).delay, delays[attempt - 1] / 2);
  }
  const failure_plan last = plan_after(rules, failure_kind::thrown, 6, 0);
  EXPECT_FALSE(last.is_retried);
  EXPECT_EQ(last.then, after_failure::stop_app);
}

TEST(error_policy, retries_without_an_end_do_not_overflow) {
  const auto rules = rules_of({.retries = SIZE_MAX, .first_delay = 1ns, .max_delay = duration::max()});
  EXPECT_EQ(plan_after(rules, failure_kind::thrown, SIZE_MAX, 0).delay, duration::max());
  const auto at_once = rules_of({.retries = SIZE_MAX, .first_delay = 0ns, .max_delay = 0ns});
  EXPECT_EQ(plan_after(at_once, failure_kind::thrown, SIZE_MAX, 0).delay, 0ns);
}

TEST(error_policy, does_not_call_again_for_bytes_that_cannot_be_decoded) {
  const auto rules = rules_of({.retries = 5, .then = after_failure::dead_letter_key, .dead_letter = "DEAD"});
  const failure_plan next = plan_after(rules, failure_kind::undecodable, 1, 0);
  EXPECT_FALSE(next.is_retried);
  EXPECT_EQ(next.then, after_failure::dead_letter_key);
}

TEST(error_policy, that_contradicts_itself_is_refused) {
  EXPECT_FALSE(refusal_of({.then = after_failure::dead_letter_key, .dead_letter = "DEAD"}));
  EXPECT_FALSE(refusal_of({.then = after_failure::dead_letter_subject, .dead_letter = "dead.orders"}));
  const error_policy wrong[] = {{.dead_letter = "DEAD"},
                                {.then = after_failure::dead_letter_key},
                                {.then = after_failure::dead_letter_key, .dead_letter = "a.b"},
                                {.then = after_failure::dead_letter_subject, .dead_letter = "dead.*"},
                                {.first_delay = -1ms},
                                {.first_delay = 2s, .max_delay = 1s}};
  for (const error_policy& each : wrong) EXPECT_EQ(refusal_of(each), app_error::options_conflict);
}

TEST(lifecycle, goes_forward_only) {
  lifecycle life;
  EXPECT_EQ(life.phase(), app_phase::registering);
  EXPECT_TRUE(life.begin());
  EXPECT_FALSE(life.begin());
  life.started();
  EXPECT_EQ(life.phase(), app_phase::running);
  life.drain();
  life.started();
  EXPECT_EQ(to_string(life.phase()), "draining");
  life.end();
  EXPECT_EQ(to_string(life.phase()), "ended");
}

TEST(lifecycle, keeps_the_first_reason) {
  lifecycle life;
  life.stop();
  EXPECT_TRUE(life.is_stopped());
  EXPECT_FALSE(life.failure());
  life.stop(std::make_exception_ptr(std::runtime_error("first")));
  life.stop(std::make_exception_ptr(std::runtime_error("second")));
  try {
    std::rethrow_exception(life.failure());
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
}

TEST(lifecycle, is_hurried_by_a_second_interrupt) {
  lifecycle life;
  life.interrupt();
  EXPECT_TRUE(life.is_stopped());
  EXPECT_FALSE(life.is_hurried());
  life.interrupt();
  EXPECT_TRUE(life.is_hurried());
}

TEST(handler_metrics, have_a_line_for_each_handler) {
  handler_health one{
      .name = "SHOP orders.{id}", .state = handler_state::running, .in_flight = 2, .stored_to = 7};
  one.counters = {.received = 12, .failures = 3, .busy = 1500ms};
  const handler_health other{.name = "a \"b\"\\\xff"};
  const std::string text = render_prometheus(std::vector{one, other});
  EXPECT_THAT(text, HasSubstr("# TYPE kvco_handler_received_total counter\n"));
  EXPECT_THAT(text, HasSubstr("kvco_handler_received_total{handler=\"SHOP orders.{id}\"} 12\n"));
  EXPECT_THAT(text, HasSubstr("kvco_handler_failures_total{handler=\"SHOP orders.{id}\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("kvco_handler_busy_seconds_total{handler=\"SHOP orders.{id}\"} 1.5\n"));
  EXPECT_THAT(text, HasSubstr("kvco_handler_up{handler=\"SHOP orders.{id}\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kvco_handler_stored_revision{handler=\"SHOP orders.{id}\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("kvco_handler_up{handler=\"a \\\"b\\\"\\\\\uFFFD\"} 0\n"));
}

}  // namespace
}  // namespace kvco::test
