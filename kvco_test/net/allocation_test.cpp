// Memory: what an operation costs in the steady state, and that a million without a reply leave nothing.
#include <gtest/gtest.h>

#include <kvco/detail/recycle.hpp>
#include <kvco_test/support/fake/lab.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

const bool recycles = detail::memory_is_recycled();
const int rounds = recycles ? 1000 : 100;

// Counted from the call to the completion, without what the scripted world needs for itself.
template <class Start>
double allocations_per_operation(lab& in, Start start) {
  constexpr int batch = 64;
  int left = 0;
  std::uint64_t counted = 0;
  const auto turn = [&](bool counts) {
    left = batch;
    const std::uint64_t before = allocations() - own_allocations::total();
    for (int i = 0; i < batch; ++i) start(left);
    in.run();
    const std::uint64_t after = allocations() - own_allocations::total();
    EXPECT_EQ(left, 0);
    if (counts) counted += after - before;
  };
  for (int i = 0; i < 20; ++i) turn(false);
  for (int i = 0; i < rounds; ++i) turn(true);
  return static_cast<double>(counted) / (rounds * batch);
}

TEST(allocations, of_put_and_get_in_the_steady_state) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().put("B", "key", "value");
  const double put = allocations_per_operation(in, [&](int& left) {
    in.kv.put("key", "value", [&left](error_code code, revision) {
      EXPECT_FALSE(code);
      --left;
    });
  });
  const double get = allocations_per_operation(in, [&](int& left) {
    in.kv.get("key", [&left](error_code, std::optional<entry> e) {
      EXPECT_TRUE(e);
      --left;
    });
  });
  RecordProperty("put", std::to_string(put));
  RecordProperty("get", std::to_string(get));
  std::printf("allocations: put %.3f, get %.3f\n", put, get);
  if (!recycles) return;
  EXPECT_LT(put, 0.05);
  EXPECT_LT(get, 0.05);
}

// fault: 82
TEST(allocations, a_million_requests_without_a_reply_leave_nothing) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().script = [](server_connection&, const client_frame& frame) {
    return frame.what == client_frame::verb::pub;
  };
  constexpr int batch = 10'000;
  const int batches = recycles ? 100 : 10;
  int done = 0;
  std::int64_t kept = 0;
  for (int i = 0; i < batches; ++i) {
    for (int k = 0; k < batch / 2; ++k) {
      in.kv.put("key", "value", put_options{.timeout = 1s},
                [&](error_code code, revision) { done += code == errc::outcome_unknown; });
      in.kv.get("key", get_options{.timeout = 1s},
                [&](error_code code, std::optional<entry>) { done += code == errc::timeout; });
    }
    in.pass(2s);
    EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
    // The tables have found their size after the first batches.
    if (i == 4) kept = live_allocations();
  }
  EXPECT_EQ(done, batches * batch);
  if (recycles) {
    EXPECT_LE(live_allocations(), kept + 16);
  }
  in.expect_working();
}

}  // namespace
}  // namespace kvco::test
