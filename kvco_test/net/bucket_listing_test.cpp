// Buckets one by one over pages that shift, and what is known of the servers of a connection.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <map>
#include <string>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class listing : public testing::Test {
 protected:
  void SetUp() override {
    in.server().streams_per_page = 2;
    for (const char* name : {"b1", "b2", "b3", "b4", "b5"}) in.server().create_bucket(name);
    ASSERT_NO_FATAL_FAILURE(in.connect());
    in.server().script = [this](server_connection&, const client_frame& frame) {
      pages += frame.subject == "$JS.API.STREAM.LIST";
      return false;
    };
    in.listed = list_bucket_names(in.nats);
  }
  std::string next() {
    outcome ended;
    in.listed.next(note{&ended});
    EXPECT_TRUE(in.run_until([&] { return ended.calls > 0; }));
    return ended.code ? ended.code.message() : ended.value;
  }
  std::string rest() {
    std::string all;
    for (std::string one = next(); one != "ok none"; one = next()) all += one.substr(3) + ' ';
    return all;
  }

  lab in;
  std::size_t pages = 0;
};

TEST_F(listing, asks_for_a_page_when_it_is_needed) {
  EXPECT_EQ(next(), "ok b1");
  EXPECT_EQ(next(), "ok b2");
  EXPECT_EQ(pages, 1u);
  EXPECT_EQ(next(), "ok b3");
  EXPECT_EQ(pages, 2u);
  EXPECT_EQ(rest(), "b4 b5 ");
  EXPECT_EQ(pages, 3u);
  EXPECT_EQ(next(), "ok none") << "the end stays";
  EXPECT_EQ(pages, 3u);
}

TEST_F(listing, loses_none_when_streams_before_it_are_deleted) {
  EXPECT_EQ(next(), "ok b1");
  EXPECT_EQ(next(), "ok b2");
  in.server().streams.erase("KV_b1");
  EXPECT_EQ(rest(), "b3 b4 b5 ");
}

TEST_F(listing, has_none_twice_when_streams_are_created_before_it) {
  EXPECT_EQ(next(), "ok b1");
  EXPECT_EQ(next(), "ok b2");
  in.server().create_bucket("a0");
  EXPECT_EQ(rest(), "b3 b4 b5 ");
}

TEST_F(listing, goes_on_after_a_failure) {
  EXPECT_EQ(next(), "ok b1");
  EXPECT_EQ(next(), "ok b2");
  in.server().answers = false;
  EXPECT_NE(next().find("deadline"), std::string::npos);
  in.server().answers = true;
  EXPECT_EQ(rest(), "b3 b4 b5 ");
}

TEST_F(listing, waits_for_one_next_at_a_time) {
  outcome first, second;
  in.listed.next(note{&first});
  in.listed.next(note{&second});
  ASSERT_TRUE(in.run_until([&] { return first.calls + second.calls == 2; }));
  EXPECT_EQ(first.value, "ok b1");
  EXPECT_EQ(second.code, errc::already_waiting);
}

TEST_F(listing, without_a_client_is_closed) {
  in.listed = {};
  EXPECT_FALSE(in.listed);
  outcome ended;
  in.listed.next(asio::bind_executor(in.executor(), note{&ended}));
  in.run();
  EXPECT_EQ(ended.code, errc::closed);
}

// A cluster of which a node is away: its streams are named, and not described.
class unreported : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"b1", "b2", "b3"}) in.server().create_bucket(name);
    ASSERT_NO_FATAL_FAILURE(in.connect());
    in.server().script = [this](server_connection&, const client_frame& frame) {
      if (frame.subject == "$JS.API.STREAM.LIST") {
        in.server().deliver(frame.reply, {}, {}, list);
        return true;
      }
      const auto answer = answers.find(frame.subject);
      if (answer == answers.end()) return false;
      ++asked;
      if (!answer->second.empty()) in.server().deliver(frame.reply, {}, {}, answer->second);
      return true;
    };
    all = list_bucket_statuses(in.nats);
  }
  std::string next() {
    std::string seen;
    all.next([&](error_code code, std::optional<bucket_status> one) { seen = describe(code, one); });
    EXPECT_TRUE(in.run_until([&] { return !seen.empty(); }));
    return seen;
  }
  static std::string describe(error_code code, const std::optional<bucket_status>& one) {
    if (code) return code.message();
    if (!one) return "none";
    return one->config.name() +
           (is_reported(*one) ? " " + std::to_string(one->config.history()) : " unreported");
  }
  static std::string error(int code) {
    return R"({"error":{"code":500,"err_code":)" + std::to_string(code) + R"(,"description":"no"}})";
  }

  lab in;
  std::string list =
      R"({"total":5,"offset":0,"limit":256,"missing":["KV_b1","KV_b2","KV_b3","KV_gone","OTHER"],"streams":null})";
  std::map<std::string, std::string, std::less<>> answers;  // by subject; empty: none
  std::size_t asked = 0;
  bucket_listing<bucket_status> all;
};

TEST_F(unreported, are_asked_for_again) {
  EXPECT_EQ(next(), "b1 64");
  EXPECT_EQ(next(), "b2 64");
  EXPECT_EQ(next(), "b3 64");
  EXPECT_EQ(next(), "none");
}

TEST_F(unreported, without_an_answer_have_their_names_alone) {
  answers = {{"$JS.API.STREAM.INFO.KV_b1", ""}, {"$JS.API.STREAM.INFO.KV_b2", error(10008)}};
  const core::time_point begin = in.world().now();
  EXPECT_EQ(next(), "b1 unreported");
  EXPECT_EQ(in.world().now() - begin, duration(2s)) << "and not the whole timeout";
  EXPECT_EQ(next(), "b2 unreported");
  EXPECT_EQ(next(), "b3 64");
  EXPECT_EQ(next(), "none");
  EXPECT_EQ(next(), "none");
}

TEST_F(unreported, that_a_server_refuses_to_report_are_an_error_once) {
  answers = {{"$JS.API.STREAM.INFO.KV_b1", error(10118)}};
  EXPECT_EQ(next(), error_code(10118, jetstream_category()).message());
  EXPECT_EQ(next(), "b2 64");
  EXPECT_EQ(asked, 1u);
}

TEST_F(unreported, are_not_lost_by_a_call_that_is_cancelled) {
  answers = {{"$JS.API.STREAM.INFO.KV_b1", ""}};
  asio::cancellation_signal cancel;
  std::string seen;
  all.next(asio::bind_cancellation_slot(
      cancel.slot(), [&](error_code code, std::optional<bucket_status> one) { seen = describe(code, one); }));
  ASSERT_TRUE(in.run_until([&] { return asked == 1; }));
  cancel.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(in.run_until([&] { return !seen.empty(); }));
  EXPECT_EQ(seen, error_code(asio::error::operation_aborted).message());
  answers.clear();
  EXPECT_EQ(next(), "b1 64");
}

TEST_F(unreported, are_not_lost_with_the_connection) {
  all = list_bucket_statuses(in.nats, {.timeout = 1s});
  EXPECT_EQ(next(), "b1 64");
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  EXPECT_EQ(next(), error_code(client_error::timeout).message());
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_EQ(next(), "b2 64");
}

// --- capabilities -----------------------------------------------------------------------------------------------------

TEST(capabilities_of_a_connection, are_asked_once_and_again_on_another_one) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect());
  std::size_t asked = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    asked += frame.subject == "$JS.API.INFO";
    return false;
  };
  capabilities known;
  const auto ask = [&] {
    bool ended = false;
    get_capabilities(in.nats, [&](error_code code, capabilities got) {
      EXPECT_FALSE(code) << code;
      known = std::move(got);
      ended = true;
    });
    EXPECT_TRUE(in.run_until([&] { return ended; }));
  };
  ask();
  ask();
  EXPECT_EQ(asked, 1u);
  EXPECT_TRUE(known.has(feature::filter_lists));
  EXPECT_FALSE(known.has(feature::multi_get));
  in.server().version = "2.15.1";
  in.server().account_json = R"({"api":{"level":5,"total":1}})";
  in.world().end_connection(asio::error::eof);
  in.pass(1s);
  ask();
  ask();
  EXPECT_EQ(asked, 2u);
  EXPECT_EQ(known.server_version(), "2.15.1");
  EXPECT_EQ(known.api_level(), 5);
  EXPECT_TRUE(known.has(feature::atomic));
}

}  // namespace
}  // namespace kvco::test
