// Two answers to one request are seen for what they are, and one answer is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco_test/chaos/contradictions.hpp>

namespace kvco::chaos {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* refused =
    R"({"error":{"code":400,"err_code":10071,"description":"x: 3"},"stream":"S","seq":0})";
constexpr const char* in_flight =
    R"({"error":{"code":400,"err_code":10164,"description":"x"},"stream":"S","seq":0})";
constexpr const char* old_read = R"({"type":"t","message":{"subject":"s","seq":5,"time":"t"}})";
constexpr const char* new_read = R"({"type":"t","message":{"subject":"s","seq":9,"time":"t"}})";

class contradictions_test : public testing::Test {
 protected:
  void see(std::string_view subject, std::string_view payload) {
    test::server_frame frame;
    frame.what = test::server_frame::verb::msg;
    frame.subject = subject;
    frame.payload = payload;
    watcher.see(frame);
  }
  contradictions found;
  answer_watcher watcher{found};
};

TEST_F(contradictions_test, a_refusal_and_then_an_acknowledgement) {
  see("i.1", refused);
  see("i.2", in_flight);
  see("i.3", R"({"stream":"S","seq":6})");
  see("i.2", R"({"stream":"S", "seq":7})");
  see("i.1", R"({"stream":"S","seq":8})");
  EXPECT_THAT(found.stored, ElementsAre(7u, 8u));
}

TEST_F(contradictions_test, two_reads) {
  see("i.1", new_read);
  see("i.1", old_read);
  see("i.2", old_read);
  see("i.2", old_read);
  EXPECT_THAT(found.stale, ElementsAre(5u));
  EXPECT_THAT(found.stored, IsEmpty());
}

TEST_F(contradictions_test, answers_of_different_requests_are_none) {
  see("i.1", refused);
  see("i.2", R"({"stream":"S","seq":8})");
  see("i.3", old_read);
  see("i.4", new_read);
  EXPECT_THAT(found.stored, IsEmpty());
  EXPECT_THAT(found.stale, IsEmpty());
}

}  // namespace
}  // namespace kvco::chaos
