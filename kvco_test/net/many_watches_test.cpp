// Watches that begin together: one STREAM.INFO for all of them, and a limited number of consumers being created at a time.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <kvco/kv/watch_setups.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class many_watches : public testing::Test {
 protected:
  static constexpr std::size_t count = 300;

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().script = [this](server_connection& conn, const client_frame& frame) {
      return see(conn, frame);
    };
  }
  bool see(server_connection& conn, const client_frame& frame) {
    if (frame.what != client_frame::verb::pub) return false;
    const bool info = frame.subject.find("STREAM.INFO.") != std::string::npos;
    const bool create = frame.subject.find("CONSUMER.CREATE.") != std::string::npos;
    infos += info;
    creates += create;
    if (!(info && holding_infos) && !(create && holding_creates)) return false;
    kept.emplace_back(&conn, frame);
    return true;
  }
  void begin(std::size_t how_many = count) {
    for (std::size_t i = 0; i < how_many; ++i) {
      watches.push_back(in.kv.watch("k" + std::to_string(i)));
      watches.back().next_initial(note{&initial[i]});
    }
    in.run();
  }
  void carry_out(std::size_t how_many) {
    for (; how_many > 0 && !kept.empty(); --how_many) {
      const auto [conn, frame] = kept.front();
      kept.erase(kept.begin());
      in.server().carry_out(*conn, frame);
      in.run();
    }
  }
  std::size_t told() const {
    return static_cast<std::size_t>(
        std::count_if(initial, initial + count, [](const outcome& o) { return o.calls == 1; }));
  }

  std::size_t infos = 0, creates = 0;
  bool holding_infos = false, holding_creates = false;
  std::vector<std::pair<server_connection*, client_frame>> kept;
  outcome initial[count];
  lab in;
  std::vector<watcher> watches;
};

// field: X15
TEST_F(many_watches, ask_for_the_stream_once) {
  begin();
  EXPECT_EQ(infos, 1u);
  EXPECT_EQ(creates, count);
  EXPECT_EQ(told(), count);
  for (const outcome& each : initial) EXPECT_EQ(each.value, "ok none");
}

// field: X15
TEST_F(many_watches, ask_for_the_stream_once_after_a_reconnect) {
  begin();
  infos = creates = 0;
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return creates == count; }));
  in.run();
  // Once for all, and once again behind the consumers of each turn: is it still the same stream?
  EXPECT_LE(infos, 2 + count / kv::watch_setups::max_creates);
  in.server().put("B", "k7", "v");
  outcome live;
  watches[7].next(note{&live});
  in.run();
  EXPECT_TRUE(succeeded(live));
}

TEST_F(many_watches, that_begin_later_are_not_told_what_was_asked_before) {
  holding_infos = true;
  begin(1);
  in.server().put("B", "k1", "v");
  watches.push_back(in.kv.watch("k1", {.resume_from = 2}));  // known from elsewhere: right behind the end
  watches.back().next_initial(note{&initial[1]});
  in.run();
  EXPECT_EQ(infos, 1u);
  holding_infos = false;
  carry_out(1);
  EXPECT_EQ(infos, 2u);
  EXPECT_EQ(told(), 2u);
  EXPECT_TRUE(succeeded(initial[1]));
}

// field: X15
TEST_F(many_watches, are_established_in_their_order) {
  holding_creates = true;
  begin();
  EXPECT_EQ(creates, kv::watch_setups::max_creates);
  carry_out(10);
  EXPECT_EQ(creates, kv::watch_setups::max_creates + 10);
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(initial[i].calls, i < 10 ? 1 : 0) << i;
  carry_out(count);
  EXPECT_EQ(told(), count);
}

TEST_F(many_watches, hear_of_one_failure_all) {
  in.server().streams.erase("KV_B");
  begin();
  EXPECT_EQ(infos, 1u);
  for (const outcome& each : initial) EXPECT_TRUE(failed_with(each, errc::bucket_not_found));
}

TEST_F(many_watches, go_on_without_those_that_leave) {
  holding_infos = holding_creates = true;
  begin();
  for (std::size_t i = 0; i < count; i += 2) watches[i] = {};
  in.run();
  carry_out(1);
  EXPECT_EQ(creates, kv::watch_setups::max_creates);
  for (std::size_t i = 1; i < count / 2; i += 2) watches[i] = {};  // in flight, and some that wait
  in.run();
  carry_out(count);
  for (std::size_t i = count / 2 + 1; i < count; i += 2) EXPECT_TRUE(succeeded(initial[i])) << i;
}

TEST_F(many_watches, go_on_on_the_next_connection) {
  holding_creates = true;
  begin();
  in.world().end_connection(asio::error::eof);
  holding_creates = false;
  kept.clear();
  ASSERT_TRUE(in.run_until([&] { return told() == count; }));
  for (const outcome& each : initial) EXPECT_TRUE(succeeded(each));
}

// field: X15
TEST_F(many_watches, are_what_lists_are_made_of) {
  std::vector<outcome> listed(100);
  for (outcome& each : listed) in.kv.keys(note{&each});
  in.run();
  EXPECT_EQ(infos, 1u);
  for (const outcome& each : listed) EXPECT_TRUE(succeeded(each));
}

}  // namespace
}  // namespace kvco::test
