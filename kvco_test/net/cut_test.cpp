// The connection ends after each byte of a session, in either direction: the contract P1-P7 holds.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/twenty_operations.hpp>
#include <kvco_test/support/slice.hpp>

#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

// All bytes take minutes under a sanitizer.
constexpr std::size_t one_of = 8;

struct cut_case {
  std::string name;
  direction way;
  error_code how;

  friend std::ostream& operator<<(std::ostream& to, const cut_case& c) { return to << c.name; }
};

std::vector<cut_case> all_cuts() {
  std::vector<cut_case> all;
  all.push_back({"fin_to_client", direction::to_client, asio::error::eof});
  all.push_back({"reset_to_client", direction::to_client, asio::error::connection_reset});
  all.push_back({"fin_to_server", direction::to_server, asio::error::eof});
  all.push_back({"reset_to_server", direction::to_server, asio::error::connection_reset});
  return all;
}

class cut_session : public testing::TestWithParam<cut_case> {};

std::pair<std::size_t, std::size_t> session_size() {
  static const auto sizes = [] {
    twenty_operations session;
    session.run();
    return std::pair(session.in.world().bytes_to_client, session.in.world().bytes_to_server);
  }();
  return sizes;
}

// fault: 7, 8, 9, 34
TEST_P(cut_session, after_each_byte) {
  const auto [to_client, to_server] = session_size();
  const std::size_t size = GetParam().way == direction::to_client ? to_client : to_server;
  ASSERT_GT(size, 1000u);
  int unknown = 0;
  for (const std::size_t at : slice(1, size, one_of)) {
    SCOPED_TRACE("cut after byte " + std::to_string(at));
    twenty_operations session;
    session.in.world().planned_cut = cut{GetParam().way, at, GetParam().how};
    ASSERT_NO_FATAL_FAILURE(session.run());
    session.judge();
    for (const step_result& result : session.results) unknown += result.code == errc::outcome_unknown;
    session.finish();
    EXPECT_GE(session.in.world().dials.size(), 2u) << "the cut had no effect";
    if (HasFailure()) return;
  }
  // The test would be worth little if the cuts never fell between a write and its ack.
  EXPECT_GT(unknown, 10);
}

INSTANTIATE_TEST_SUITE_P(with, cut_session, testing::ValuesIn(all_cuts()),
                         [](const auto& tested) { return tested.param.name; });

// Each call into the world fails once: connect, every read, every write.
// fault: 8
TEST(failing_calls, each_call_of_a_session) {
  std::size_t calls = 0;
  {
    twenty_operations session;
    session.run();
    calls = session.in.world().calls;
  }
  ASSERT_GT(calls, 50u);
  for (std::size_t at = 1; at <= calls; ++at) {
    SCOPED_TRACE("call " + std::to_string(at));
    twenty_operations session;
    session.in.world().fail_call = at;
    ASSERT_NO_FATAL_FAILURE(session.run());
    session.judge();
    session.finish();
    if (HasFailure()) return;
  }
}

// All operations at once on one connection: what was not sent when it is cut goes out on the next one, whole.
// fault: 8, 9
TEST(cut_pipeline, after_each_byte) {
  constexpr int writes = 12;
  const auto run_pipeline = [](std::size_t at, std::size_t& bytes) {
    lab in;
    in.connect_and_open();
    scripted_world& world = in.world();
    // Writes get through in pieces: some are still in the outbox when the connection ends.
    world.write_size = [] { return std::size_t{50}; };
    const std::size_t before = world.bytes_to_server;
    if (at != 0) world.planned_cut = cut{direction::to_server, before + at, asio::error::connection_reset};
    std::vector<outcome> results(writes);
    int started = 0;
    for (outcome& result : results) {
      in.kv.put("k" + std::to_string(started), std::to_string(started), note{&result});
      if (++started % 3 == 0) in.step();
    }
    EXPECT_TRUE(in.run_until([&] {
      return std::all_of(results.begin(), results.end(), [](const outcome& r) { return r.calls > 0; });
    }));
    bytes = world.bytes_to_server - before;
    for (int i = 0; i < writes; ++i) {
      const std::string subject = "$KV.B.k" + std::to_string(i);
      const auto times = std::count_if(in.server().applied.begin(), in.server().applied.end(),
                                       [&](const applied_write& w) { return w.subject == subject; });
      const outcome& result = results[static_cast<std::size_t>(i)];
      EXPECT_EQ(result.calls, 1);
      EXPECT_LE(times, 1);
      if (result.code) {
        EXPECT_EQ(result.code, errc::outcome_unknown);
      } else {
        EXPECT_EQ(times, 1);
      }
    }
    in.expect_working();
  };
  std::size_t size = 0;
  run_pipeline(0, size);
  ASSERT_GT(size, 500u);
  for (std::size_t at = 1, ignored = 0; at < size; ++at) {
    SCOPED_TRACE("cut after byte " + std::to_string(at));
    run_pipeline(at, ignored);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace kvco::test
