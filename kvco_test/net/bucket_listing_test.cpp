// Buckets one by one over pages that shift, and what is known of the servers of a connection.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <string>
#include <vector>

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
TEST_F(listing, of_statuses_asks_for_what_no_server_has_reported) {
  in.server().script = [this](server_connection&, const client_frame& frame) {
    if (frame.subject != "$JS.API.STREAM.LIST") return false;
    const std::string json =
        R"({"total":3,"offset":0,"limit":256,"missing":["KV_b3","KV_gone","OTHER"],"streams":null})";
    in.server().deliver(frame.reply, {}, {}, json);
    return true;
  };
  bucket_listing<bucket_status> all = list_bucket_statuses(in.nats);
  std::vector<std::string> seen;
  while (seen.empty() || seen.back() != "none") {
    bool ended = false;
    all.next([&](error_code code, std::optional<bucket_status> one) {
      ended = true;
      seen.push_back(code  ? code.message()
                     : one ? one->config.name() + " " + std::to_string(one->config.history())
                           : "none");
    });
    ASSERT_TRUE(in.run_until([&] { return ended; }));
    ASSERT_LT(seen.size(), 5u);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"b3 64", "none"}));
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
