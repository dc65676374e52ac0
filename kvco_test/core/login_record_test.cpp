// When is a refused login final?
#include <gtest/gtest.h>

#include <kvco/core/login_record.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using core::credentials_kind;
using enum core::credentials_kind;
constexpr std::string_view violation = "Authorization Violation", revoked = "User Authentication Revoked";
const std::vector<std::string> one{"a:1"}, two{"a:1", "b:1"}, three{"a:1", "b:1", "c:1"};

struct login_record : testing::Test {
  bool refused(const std::string& server, std::string_view words = violation) {
    return record.refused(kind, server, words, servers, now);
  }
  core::login_record record;
  credentials_kind kind = fixed;
  std::vector<std::string> servers = two;
  core::time_point now{1h};
};

TEST_F(login_record, at_the_start_a_refusal_is_final) {
  for (const credentials_kind each : {fixed, renewable}) {
    EXPECT_TRUE(core::login_record().refused(each, "a:1", violation, two, now));
    EXPECT_TRUE(core::login_record(1h).refused(each, "a:1", violation, two, now))
        << "patience is for what was accepted";
  }
}

TEST_F(login_record, credentials_of_one_server_leave_the_others) {
  kind = of_server;
  EXPECT_FALSE(refused("a:1"));
  EXPECT_FALSE(refused("b:1"));
  EXPECT_FALSE(refused("a:1"));
  EXPECT_TRUE(refused("b:1"));
}

// fault: 35
TEST_F(login_record, later_fixed_credentials_are_refused_twice) {
  servers = one;
  record.accepted();
  EXPECT_FALSE(refused("a:1"));
  EXPECT_FALSE(refused("a:1", revoked)) << "another reason";
  EXPECT_TRUE(refused("a:1", revoked));
}

// field: X11
TEST_F(login_record, every_server_has_to_refuse_twice_in_a_row) {
  record.accepted();
  EXPECT_FALSE(refused("a:1"));
  EXPECT_FALSE(refused("b:1")) << "the first that this one says";
  EXPECT_FALSE(refused("a:1"));
  EXPECT_FALSE(refused("a:1"));
  EXPECT_FALSE(refused("b:1", revoked));
  EXPECT_TRUE(refused("b:1", revoked));
}

// The one that the client was on has been killed; the user is not on the others yet.
TEST_F(login_record, a_server_that_cannot_be_reached_has_not_refused) {
  servers = three;
  record.accepted();
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(refused("a:1"));
    EXPECT_FALSE(refused("b:1"));
  }
  servers = two;  // it is not announced any more
  EXPECT_TRUE(refused("a:1"));
}

TEST_F(login_record, a_server_that_was_forgotten_begins_anew) {
  record.accepted();
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(refused("a:1"));
  servers = {"b:1", "c:1"};
  EXPECT_FALSE(refused("b:1"));
  servers = two;
  EXPECT_FALSE(refused("b:1"));
  EXPECT_FALSE(refused("a:1"));
  EXPECT_TRUE(refused("a:1"));
}

TEST_F(login_record, refusals_may_pass_within_a_time) {
  servers = one;
  record = core::login_record(30s);
  record.accepted();
  for (int i = 0; i < 30; ++i, now += 1s) EXPECT_FALSE(refused("a:1")) << i;
  EXPECT_TRUE(refused("a:1"));
  record.accepted();
  EXPECT_FALSE(refused("a:1")) << "counts from the first in a row";
}

TEST_F(login_record, being_accepted_begins_anew) {
  servers = one;
  record.accepted();
  EXPECT_FALSE(refused("a:1"));
  EXPECT_EQ(record.refusals(), 1u);
  record.accepted();
  EXPECT_EQ(record.refusals(), 0u);
  EXPECT_FALSE(refused("a:1"));
}

TEST_F(login_record, what_can_be_renewed_is_tried_for_ever) {
  servers = one;
  kind = renewable;
  record.accepted();
  for (std::size_t i = 1; i <= 100; ++i) {
    EXPECT_FALSE(refused("a:1"));
    EXPECT_EQ(record.refusals(), i);
  }
}

}  // namespace
}  // namespace kvco::test
