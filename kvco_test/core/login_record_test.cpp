// When is a refused login final?
#include <gtest/gtest.h>

#include <kvco/core/login_record.hpp>

namespace kvco::core {
namespace {

using enum credentials_kind;
constexpr std::string_view violation = "Authorization Violation", revoked = "User Authentication Revoked";

TEST(login_record, at_the_start_a_refusal_is_final) {
  EXPECT_TRUE(login_record().refused(fixed, "a:1", violation));
  EXPECT_TRUE(login_record().refused(renewable, "a:1", violation));
}

TEST(login_record, credentials_of_one_server_leave_the_others) {
  login_record record;
  EXPECT_FALSE(record.refused(of_server, "a:1", violation));
  EXPECT_FALSE(record.refused(of_server, "b:1", violation));
  EXPECT_TRUE(record.refused(of_server, "a:1", violation));
}

// fault: 35
TEST(login_record, later_fixed_credentials_are_refused_twice) {
  login_record record;
  record.accepted();
  EXPECT_FALSE(record.refused(fixed, "a:1", violation));
  EXPECT_FALSE(record.refused(fixed, "b:1", revoked)) << "another reason";
  EXPECT_TRUE(record.refused(fixed, "b:1", violation));
}

TEST(login_record, being_accepted_begins_anew) {
  login_record record;
  record.accepted();
  EXPECT_FALSE(record.refused(fixed, "a:1", violation));
  EXPECT_EQ(record.refusals(), 1u);
  record.accepted();
  EXPECT_EQ(record.refusals(), 0u);
  EXPECT_FALSE(record.refused(fixed, "a:1", violation));
}

TEST(login_record, what_can_be_renewed_is_tried_for_ever) {
  login_record record;
  record.accepted();
  for (std::size_t i = 1; i <= 100; ++i) {
    EXPECT_FALSE(record.refused(renewable, "a:1", violation));
    EXPECT_EQ(record.refusals(), i);
  }
}

TEST(login_record, a_timeout_is_no_refusal) {
  login_record record;
  EXPECT_FALSE(record.refused(fixed, "a:1", "Authentication Timeout"));
  EXPECT_FALSE(record.refused(fixed, "a:1", "authentication timeout"));
  EXPECT_EQ(record.refusals(), 0u);
}

}  // namespace
}  // namespace kvco::core
