// A stream that others change under a handle: what was read when it was opened is asked again where an answer contradicts it.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

/// By the generation of the server.
class changed_stream : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    in.server().version = GetParam();
    in.server().create_bucket("B");
    in.server().put("B", "k", "v");
    in.server().put("B", "l", "w");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().script = [this](server_connection&, const client_frame& frame) {
      inspected += frame.subject.find("STREAM.INFO") != std::string::npos;
      direct += frame.subject.find("DIRECT.GET") != std::string::npos;
      return false;
    };
  }
  void configure(std::string_view more, std::string_view direct_get) {
    in.server().streams.at("KV_B").set_config(
        R"({"name":"KV_B","subjects":["$KV.B.>"],"max_msgs_per_subject":64,"allow_direct":)" +
        std::string(direct_get) + std::string(more) + "}");
  }
  bool is_silent() const { return std::string_view(GetParam()).starts_with("2.9."); }
  /// Runs one operation to its end, and tells what it said.
  std::string end_of(const std::function<void(note)>& start) {
    outcome result;
    const core::time_point begin = in.world().now();
    start(note{&result});
    EXPECT_TRUE(in.run_until([&] { return result.calls > 0; }));
    took = in.world().now() - begin;
    return result.code ? result.code.message() : result.value;
  }

  lab in;
  duration took{};
  std::size_t inspected = 0, direct = 0;
};
INSTANTIATE_TEST_SUITE_P(on, changed_stream, testing::Values("2.9.10", "2.10.27", "2.15.1"),
                         [](const auto& one) {
                           std::string name = one.param;
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return "server_" + name;
                         });

TEST_P(changed_stream, without_direct_get_is_read_from_its_leader) {
  configure("", "false");
  EXPECT_EQ(end_of([&](note to) { in.kv.get("k", to); }), "ok k@1=v");
  EXPECT_LE(took, is_silent() ? duration(1100ms) : duration(0s));
  EXPECT_EQ(inspected, 1u);
  const std::size_t asked = direct;
  EXPECT_EQ(end_of([&](note to) { in.kv.get("k", to); }), "ok k@1=v");
  EXPECT_EQ(end_of([&](note to) { in.kv.get_revision("l", 2, to); }), "ok l@2=w");
  EXPECT_EQ(took, duration(0s));
  EXPECT_EQ(inspected, 1u) << "the handle knows";
  EXPECT_EQ(direct, asked);
}

// field: M6
TEST_P(changed_stream, without_direct_get_is_read_by_the_deadline) {
  for (const duration timeout : {duration(100ms), duration(1500ms), duration(10s)}) {
    configure("", "true");
    end_of([&](note to) { in.kv.status(to); });
    configure("", "false");
    EXPECT_EQ(end_of([&](note to) { in.kv.get("k", get_options{.timeout = timeout}, to); }), "ok k@1=v");
    EXPECT_LT(took, timeout);
  }
}

// field: M6
TEST_P(changed_stream, without_direct_get_gives_many_keys) {
  std::vector<std::string> keys = {"k", "none", "l", "k"};
  for (int i = 0; i < 2000; ++i) keys.push_back("none." + std::to_string(i));
  configure("", "false");
  const std::string found = end_of([&](note to) { in.kv.get_many(keys, to); });
  EXPECT_EQ(found.substr(0, 3), "ok ");
  EXPECT_NE(found.find("k@1=v"), std::string::npos);
  EXPECT_NE(found.find("l@2=w"), std::string::npos);
  EXPECT_LE(took, is_silent() ? duration(1100ms) : duration(0s));
  EXPECT_EQ(inspected, 1u);
  in.expect_working();
}

// What a status tells counts, too.
// field: M6
TEST_P(changed_stream, with_direct_get_again_is_read_from_any_replica) {
  configure("", "false");
  end_of([&](note to) { in.kv.get("k", to); });
  configure("", "true");
  end_of([&](note to) { in.kv.status(to); });
  const std::size_t asked = direct;
  EXPECT_EQ(end_of([&](note to) { in.kv.get("k", to); }), "ok k@1=v");
  EXPECT_EQ(direct, asked + 1);
}

// The answer comes when the handle has learnt that direct get is allowed now, or is not any more.
// field: M6
TEST_P(changed_stream, is_read_as_it_was_asked) {
  for (const bool direct_first : {true, false}) {
    const char* const before = direct_first ? "true" : "false";
    configure("", before);
    end_of([&](note to) { in.kv.status(to); });
    std::optional<client_frame> question;
    in.server().script = [&](server_connection&, const client_frame& frame) {
      const bool is_read = frame.subject.find(direct_first ? "DIRECT.GET" : "MSG.GET") != std::string::npos;
      if (is_read) question = frame;
      return is_read;
    };
    outcome got;
    in.kv.get("k", note{&got});
    ASSERT_TRUE(in.run_until([&] { return question.has_value(); }));
    configure("", direct_first ? "false" : "true");
    end_of([&](note to) { in.kv.status(to); });
    configure("", before);
    in.server().carry_out(*in.server().newest(), *question);
    ASSERT_TRUE(in.run_until([&] { return got.calls > 0; }));
    EXPECT_TRUE(succeeded(got)) << got.code.message() << " " << got.detail;
    EXPECT_EQ(got.value, "ok k@1=v");
  }
}

TEST_P(changed_stream, that_is_no_bucket_any_more_is_told) {
  in.server().streams.at("KV_B").set_config(
      R"({"name":"KV_B","mirror":{"name":"KV_other"},"max_msgs_per_subject":64})");
  in.server().leaderless.insert("KV_B");
  outcome put, get;
  in.kv.put("k", "v", note{&put});
  in.kv.get("k", note{&get});
  ASSERT_TRUE(in.run_until([&] { return put.calls + get.calls == 2; }));
  for (const outcome& each : {put, get}) {
    EXPECT_TRUE(failed_with(each, errc::not_a_bucket));
    EXPECT_NE(each.detail.find("mirror of \"KV_other\""), std::string::npos) << each.detail;
  }
}

// Whoever is connected to a server without JetStream, which another one serves, must not hear that there is none.
// fault: 57
TEST_P(changed_stream, that_nobody_serves_for_a_while_is_waited_for) {
  in.server().has_jetstream = false;
  in.server().say(*in.server().newest(), "INFO " + in.server().info_json() + "\r\n");
  in.run();
  outcome results[5];
  in.kv.put("k", "w", note{&results[0]});
  in.kv.get("k", note{&results[1]});
  in.kv.create("new", "x", note{&results[2]});
  in.kv.status(note{&results[3]});
  in.kv.get("k", get_options{.consistency = consistency::leader}, note{&results[4]});
  in.pass(4s);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(results[i].calls, 0) << i;
  in.server().has_jetstream = true;
  in.pass(1s);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(succeeded(results[i])) << i;
  in.server().has_jetstream = false;
  outcome late;
  in.kv.get("k", get_options{.timeout = 2s}, note{&late});
  ASSERT_TRUE(in.run_until([&] { return late.calls > 0; }));
  EXPECT_TRUE(failed_with(late, errc::unavailable)) << late.code.message();
}

}  // namespace
}  // namespace kvco::test
