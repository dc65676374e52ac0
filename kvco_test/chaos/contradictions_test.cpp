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
  void ask(std::string_view subject, std::string_view reply, std::string_view payload = {}) {
    test::client_frame request;
    request.what = test::client_frame::verb::pub;
    request.subject = subject;
    request.reply = reply;
    request.payload = payload;
    watcher.see(request);
  }
  contradictions found;
  answer_watcher watcher{found, 4};
};

// fault: 46
TEST_F(contradictions_test, a_refusal_and_then_an_acknowledgement) {
  see("i.1", refused);
  see("i.2", in_flight);
  see("i.3", R"({"stream":"S","seq":6})");
  see("i.2", R"({"stream":"S", "seq":7})");
  see("i.1", R"({"stream":"S","seq":8})");
  EXPECT_THAT(found.stored, ElementsAre(7u, 8u));
}

// fault: 48
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

TEST_F(contradictions_test, nothing_found_where_something_was_acknowledged) {
  constexpr const char* leader = "$JS.API.STREAM.MSG.GET.KV_S";
  constexpr const char* last_of_k = R"({"last_by_subj":"$KV.S.k"})";
  constexpr const char* none =
      R"({"type":"t","error":{"code":404,"err_code":10037,"description":"no message found"}})";
  ask(leader, "i.0", last_of_k);
  ask("$KV.S.k", "i.1", "value");
  see("i.1", R"({"stream":"S","seq":8})");
  see("i.0", none);
  ask(leader, "i.2", R"({"last_by_subj":"$KV.S.other"})");
  see("i.2", none);
  EXPECT_THAT(found.behind, IsEmpty()) << "asked before, or of another key";
  ask(leader, "i.3", last_of_k);
  see("i.3", none);
  ASSERT_EQ(found.behind.size(), 1u);
  EXPECT_EQ(found.behind.begin()->first, "$KV.S.k");
  EXPECT_LE(found.behind.begin()->second, std::chrono::steady_clock::now());
}

TEST_F(contradictions_test, a_read_of_less_than_was_acknowledged_before_it) {
  constexpr const char* leader = "$JS.API.STREAM.MSG.GET.KV_S";
  constexpr const char* last_of_k = R"({"last_by_subj":"$KV.S.k"})";
  ask(leader, "i.0", last_of_k);
  ask("$KV.S.k", "i.1", "value");
  see("i.1", R"({"stream":"S","seq":8})");
  ask(leader, "i.2", last_of_k);
  ask(leader, "i.3", R"({"last_by_subj":"$KV.S.other"})");
  ask("$JS.API.DIRECT.GET.KV_S", "i.4", last_of_k);
  see("i.0", old_read);
  see("i.3", old_read);
  see("i.4", old_read);
  EXPECT_THAT(found.stale, IsEmpty()) << "asked before, of another key, or not of the leader";
  see("i.2", new_read);
  EXPECT_THAT(found.stale, IsEmpty()) << "newer than what is known";
  ask(leader, "i.5", last_of_k);
  see("i.5", old_read);
  EXPECT_THAT(found.stale, ElementsAre(5u));
}

TEST_F(contradictions_test, what_was_read_before_is_known_to_be_stored) {
  constexpr const char* leader = "$JS.API.STREAM.MSG.GET.KV_S";
  constexpr const char* last_of_k = R"({"last_by_subj":"$KV.S.k"})";
  constexpr const char* none =
      R"({"type":"t","error":{"code":404,"err_code":10037,"description":"no message found"}})";
  ask(leader, "i.1", last_of_k);
  ask(leader, "i.2", last_of_k);
  see("i.1", new_read);
  see("i.2", none);
  EXPECT_THAT(found.behind, IsEmpty()) << "asked before";
  ask(leader, "i.3", last_of_k);
  see("i.3", none);
  EXPECT_EQ(found.behind.size(), 1u);
  ask(leader, "i.4", last_of_k);
  see("i.4", old_read);
  EXPECT_THAT(found.stale, ElementsAre(5u));
}

TEST_F(contradictions_test, what_a_replica_has_shown_is_known_to_be_stored) {
  constexpr const char* leader = "$JS.API.STREAM.MSG.GET.KV_S";
  constexpr const char* last_of_k = R"({"last_by_subj":"$KV.S.k"})";
  ask("$JS.API.DIRECT.GET.KV_S.$KV.S.k", "i.1");
  test::server_frame shown;
  shown.what = test::server_frame::verb::msg;
  shown.subject = "i.1";
  shown.header = "NATS/1.0\r\nNats-Stream: KV_S\r\nNats-Subject: $KV.S.k\r\nNats-Sequence: 7\r\n\r\n";
  shown.payload = "{}";
  watcher.see(shown);
  ask(leader, "i.2", last_of_k);
  ask(leader, "i.3", R"({"last_by_subj":"$KV.S.other"})");
  see("i.3", old_read);
  EXPECT_THAT(found.stale, IsEmpty());
  see("i.2", old_read);
  EXPECT_THAT(found.stale, ElementsAre(5u));
  ASSERT_EQ(found.behind.size(), 1u) << "what is read may be a deletion";
  EXPECT_EQ(found.behind.begin()->first, "$KV.S.k");
}

TEST_F(contradictions_test, an_end_before_what_was_acknowledged) {
  constexpr const char* info = "$JS.API.STREAM.INFO.KV_S";
  constexpr const char* ends_at_7 = R"({"type":"t","state":{"messages":3,"first_seq":1,"last_seq":7}})";
  constexpr const char* leader = "$JS.API.STREAM.MSG.GET.KV_S";
  constexpr const char* last_of_k = R"({"last_by_subj":"$KV.S.k.>"})";
  ask(info, "i.0");
  ask(leader, "i.1", last_of_k);
  ask("$KV.S.k.a", "i.2", "value");
  see("i.2", R"({"stream":"S","seq":7})");
  ask(leader, "i.3", R"({"last_by_subj":"$KV.S.other.>"})");
  ask(info, "i.4");
  ask("$KV.S.k.b", "i.5", "value");
  see("i.5", R"({"stream":"S","seq":8})");
  see("i.0", ends_at_7);
  see("i.1", old_read);
  see("i.3", old_read);
  see("i.4", ends_at_7);
  EXPECT_THAT(found.early_ends, IsEmpty()) << "asked before, or of other keys";
  const auto before = std::chrono::steady_clock::now();
  ask(info, "i.6");
  see("i.6", ends_at_7);
  ask(leader, "i.7", last_of_k);
  see("i.7", old_read);
  ask(leader, "i.8", last_of_k);
  see("i.8", R"({"type":"t","error":{"code":404,"err_code":10037,"description":"no message found"}})");
  ask(leader, "i.9", last_of_k);
  see("i.9", new_read);
  ASSERT_EQ(found.early_ends.size(), 3u);
  const revision named[] = {7, 5, 0};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found.early_ends[i].last, named[i]);
    EXPECT_EQ(found.early_ends[i].client, 4u);
    EXPECT_GE(found.early_ends[i].when, before);
  }
  EXPECT_THAT(found.stale, IsEmpty()) << "nobody has read a key";
  EXPECT_THAT(found.behind, IsEmpty());
}

}  // namespace
}  // namespace kvco::chaos
