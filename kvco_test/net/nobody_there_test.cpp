// 503 to everything: JetStream is off, or has not begun. What a caller is told at the deadline, and what is sent until then.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

/// Refuses what is asked of JetStream by 503, and counts it; from one question on it is only silent.
class absence {
 public:
  explicit absence(lab& in) {
    in.server().script = [this, &in](server_connection&, const client_frame& frame) {
      const bool asks = frame.subject.starts_with("$JS.API.STREAM.INFO.");
      if (over || (!asks && !frame.subject.starts_with("$KV.B."))) return false;
      ++(asks ? questions : writes);
      if (!asks || questions <= answered) in.server().no_responders(frame);
      return true;
    };
  }
  int writes = 0, questions = 0, answered = 1'000;
  bool over = false;
};

class nobody_there : public testing::Test {
 protected:
  void SetUp() override {
    in.server().create_bucket("B");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  }
  void until_done() {
    ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }, 30s));
  }

  lab in;
  outcome result;
};

// A write that is sent again and again is in flight at its deadline at last, and then its outcome is unknown.
TEST_F(nobody_there, a_write_is_not_sent_again_before_somebody_is) {
  const absence all(in);
  for (const retry how : {retry::never, retry::idempotent}) {
    result = {};
    in.kv.put("k", "v", {.timeout = 500ms, .retry = how}, note{&result});
    until_done();
    EXPECT_EQ(result.code, errc::unavailable) << result.code.message();
  }
  EXPECT_EQ(all.writes, 2);
  EXPECT_GE(all.questions, 4);
}

TEST_F(nobody_there, a_write_is_sent_again_once_somebody_is) {
  absence all(in);
  in.kv.put("k", "v", {.timeout = 5s}, note{&result});
  ASSERT_TRUE(in.run_until([&] { return all.questions == 3; }));
  all.over = true;
  until_done();
  EXPECT_EQ(in_words(result), "ok 1");
  EXPECT_EQ(all.writes, 1);
}

TEST_F(nobody_there, counts_for_a_write_at_its_deadline_more_than_silence_after_it) {
  absence all(in);
  all.answered = 2;
  in.kv.put("k", "v", {.timeout = 500ms}, note{&result});
  until_done();
  EXPECT_EQ(result.code, errc::unavailable) << result.code.message();
  EXPECT_EQ(all.questions, 3);
}

TEST_F(nobody_there, counts_for_a_status_at_its_deadline_more_than_silence_after_it) {
  absence all(in);
  all.answered = 2;
  in.kv.status({.timeout = 500ms}, note{&result});
  until_done();
  EXPECT_EQ(result.code, errc::unavailable) << result.code.message();
}

}  // namespace
}  // namespace kvco::test
