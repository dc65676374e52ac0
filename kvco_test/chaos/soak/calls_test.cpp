// The checkers of a soak pass what is right and find each kind of fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco_test/chaos/soak/calls.hpp>

#include <boost/asio/error.hpp>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

moment second(int count) { return moment(std::chrono::seconds(1000 + count)); }

class soak_checks : public testing::Test {
 protected:
  call& ended(int begin, int end, error_code code = {}, std::string detail = "words") {
    call& made = log.begin("put", 5s);
    made.begin = made.since = second(begin);
    made.deadline = second(begin + 5);
    made.completions = 1;
    made.end = second(end);
    made.code = code;
    if (code) made.detail = std::move(detail);
    return made;
  }
  std::string deadlines() {
    check_deadlines(log, 1s, found);
    return found.text();
  }
  std::string causes() {
    check_causes(log, {{"denied", {errc::permission_denied}, second(10), second(20)}}, 2s, found);
    return found.text();
  }
  std::string words() {
    check_words(log, found);
    return found.text();
  }

  const error_code denied = make_error_code(client_error::permission_denied);
  call_log log;
  test::verdict found;
};

TEST_F(soak_checks, a_call_that_ends_in_time_is_right) {
  ended(0, 6);
  EXPECT_THAT(deadlines(), IsEmpty());
}

TEST_F(soak_checks, a_call_that_ends_late) {
  ended(0, 7);
  EXPECT_THAT(deadlines(), HasSubstr("late by 2000 ms: put"));
}

TEST_F(soak_checks, a_call_that_never_ends) {
  log.begin("next", {});
  EXPECT_EQ(log.open, 1u);
  EXPECT_THAT(deadlines(), HasSubstr("completed 0 times: next"));
}

TEST_F(soak_checks, a_call_that_ends_twice) {
  call& twice = log.begin("put", 5s);
  log.end(twice, {});
  log.end(twice, {});
  EXPECT_EQ(log.open, 0u);
  EXPECT_THAT(deadlines(), HasSubstr("completed 2 times: put"));
}

TEST_F(soak_checks, a_call_without_a_deadline_has_one_once_it_must_end) {
  call& next = log.begin("next", {});
  call_log::must_end(next);
  log.end(next, {});
  next.end = next.deadline + 3s;
  EXPECT_THAT(deadlines(), HasSubstr("late by 3000 ms: next"));
}

TEST_F(soak_checks, what_may_have_changed_something_need_not_end_unchanged) {
  call_log::must_end_unchanged(ended(0, 5));
  EXPECT_THAT(deadlines(), IsEmpty());
  call& get = log.begin("get", 5s);
  call_log::must_end_unchanged(get);
  log.end(get, {});
  get.end = get.deadline + 3s;
  EXPECT_THAT(deadlines(), HasSubstr("late by 3000 ms: get"));
}

TEST_F(soak_checks, an_error_that_fits_what_was_taken_away) {
  ended(8, 11, denied);   // it was open when that began
  ended(21, 22, denied);  // shortly after
  EXPECT_THAT(causes(), IsEmpty());
}

TEST_F(soak_checks, an_error_before_its_cause) {
  ended(8, 9, denied);
  EXPECT_THAT(causes(), HasSubstr("meanwhile: nothing"));
}

TEST_F(soak_checks, an_error_long_after_its_cause) {
  ended(23, 24, denied);
  EXPECT_THAT(causes(), HasSubstr("nothing explains put"));
}

TEST_F(soak_checks, an_error_that_does_not_fit_its_cause) {
  ended(12, 13, make_error_code(client_error::timeout));
  EXPECT_THAT(causes(), HasSubstr("meanwhile: denied"));
}

TEST_F(soak_checks, a_cause_that_is_not_over_explains) {
  ended(30, 31, denied);
  check_causes(log, {{"denied", {errc::permission_denied}, second(25)}}, 0s, found);
  EXPECT_TRUE(found.clean());
}

TEST_F(soak_checks, an_error_of_the_calls_own) {
  ended(0, 1, make_error_code(client_error::key_exists)).own = {errc::key_exists};
  EXPECT_THAT(causes(), IsEmpty());
}

TEST_F(soak_checks, only_what_was_cancelled_is_aborted) {
  ended(0, 1, boost::asio::error::operation_aborted).may_abort = true;
  EXPECT_THAT(causes(), IsEmpty());
  ended(0, 1, boost::asio::error::operation_aborted);
  EXPECT_THAT(causes(), HasSubstr("nothing explains put"));
}

TEST_F(soak_checks, what_was_sent_again_may_be_unknown) {
  const error_code unknown = client_error::outcome_unknown;
  ended(0, 2, unknown).sent_again = second(2);
  EXPECT_THAT(causes(), IsEmpty());
  ended(0, 2, denied).sent_again = second(2);
  EXPECT_THAT(causes(), HasSubstr("2000 ms: " + denied.message()));
  ended(0, 1, unknown).sent_again = second(2);
  EXPECT_THAT(causes(), HasSubstr("1000 ms: " + unknown.message()));
}

TEST_F(soak_checks, an_error_has_words) {
  ended(0, 1, denied, "publish to \"x\"");
  EXPECT_THAT(words(), IsEmpty());
  ended(0, 1, denied, "");
  EXPECT_THAT(words(), HasSubstr("no words for the cause: put"));
}

TEST_F(soak_checks, what_grows_with_the_rounds) {
  check_growth("bytes", {100, 90, 110}, 10, found);
  EXPECT_TRUE(found.clean());
  check_growth("bytes", {100, 90, 111}, 10, found);
  EXPECT_THAT(found.text(), HasSubstr("bytes: 111 after round 3, 100 after the first"));
}

}  // namespace
}  // namespace kvco::chaos::soak
