// Pauses grow, stay within their bounds, and differ from client to client: core/backoff.hpp.
#include <gtest/gtest.h>
#include <kvco/core/backoff.hpp>

#include <chrono>
#include <set>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;

TEST(backoff, doubles_up_to_the_most_with_jitter_in_the_upper_half_or_in_all_of_it) {
  for (const jitter spread : {jitter::half, jitter::full}) {
    const int parts = spread == jitter::half ? 2 : 1;
    int in_lower_half = 0;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
      backoff pauses(100ms, 5s, seed, spread);
      duration step = 100ms;
      for (int i = 0; i < 12; ++i) {
        const duration pause = pauses.next();
        ASSERT_GE(pause, step - step / parts) << "seed " << seed << ", pause " << i;
        ASSERT_LE(pause, step) << "seed " << seed << ", pause " << i;
        in_lower_half += pause < step / 2;
        step = std::min<duration>(2 * step, 5s);
      }
    }
    if (spread == jitter::full) {
      EXPECT_GT(in_lower_half, 5500);
      EXPECT_LT(in_lower_half, 6500);
    }
  }
}

TEST(backoff, reset_begins_again) {
  backoff pauses(100ms, 5s, 7);
  for (int i = 0; i < 10; ++i) pauses.next();
  EXPECT_GE(pauses.next(), 2500ms);
  pauses.reset();
  EXPECT_LE(pauses.next(), 100ms);
  EXPECT_LE(pauses.next(), 200ms);
}

TEST(backoff, the_same_seed_gives_the_same_pauses) {
  backoff a(50ms, 5s, 42), b(50ms, 5s, 42);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(a.next(), b.next());
}

// Two hundred clients that lose the same server spread over the whole window.
// fault: 20
TEST(backoff, many_clients_do_not_come_back_at_once) {
  std::multiset<duration> pauses;
  std::uint64_t state = 1;
  for (int client = 0; client < 200; ++client) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    pauses.insert(backoff(1s, 5s, state, jitter::full).next());
  }
  for (duration begin = 0s; begin < 1s; begin += 200ms) {
    const auto in_window = std::distance(pauses.lower_bound(begin), pauses.lower_bound(begin + 200ms));
    EXPECT_GT(in_window, 20);
    EXPECT_LT(in_window, 60);
  }
}

TEST(backoff, extremes) {
  backoff fixed(1ns, 1ns, 3);
  for (int i = 0; i < 5; ++i) EXPECT_LE(fixed.next(), 1ns);
  backoff none(0ns, 0ns, 3);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(none.next(), 0ns);
}

}  // namespace
}  // namespace kvco::core
