// However the bytes are cut into reads and writes, the results are the same.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/twenty_operations.hpp>
#include <kvco_test/support/slice.hpp>

#include <random>

namespace kvco::test {
namespace {

std::string run_session(const std::function<void(scripted_world&)>& interfere) {
  twenty_operations session;
  interfere(session.in.world());
  session.run();
  session.judge();
  const std::string text = session.text();
  session.finish();
  return text;
}

const std::string& undisturbed() {
  static const std::string text = run_session([](scripted_world&) {});
  return text;
}

TEST(chunking, the_undisturbed_session_is_what_it_should_be) {
  EXPECT_EQ(
      undisturbed(),
      "put a: 1\nput a.b: 2\ncreate c: 3\ncreate a: the key has a value already\nget a: ok a@1=v0\n"
      "get none: ok none\nupdate a: 4\nupdate a, wrong: wrong last sequence\nerase a: 5\ncreate a again: 6\n"
      "get a from the leader: ok a@6=v9\nget revision of a.b: ok a.b@2=v1\r\nPUB x 0\r\n\r\n\npurge c: 7\n"
      "keys: ok [a a.b ]\nhistory of a.b: ok [a.b@2=v1\r\nPUB x 0\r\n\r\n ]\nstatus: ok B last 7\nflush: ok\n"
      "put d, empty: 8\nget d: ok d@8=\nput e: 9\n"
      "watched: [a@1=v0 a.b@2=v1\r\nPUB x 0\r\n\r\n c@3=v2 a@4=v6 a@5 DEL a@6=v9 c@7 PURGE d@8= e@9=v19 ]");
}

// fault: 13
TEST(chunking, reads_and_writes_of_each_size_give_the_same) {
  for (const std::size_t size : slice(1, 40, 4)) {
    const auto exactly = [size] { return size; };
    EXPECT_EQ(run_session([&](scripted_world& world) { world.read_size = exactly; }), undisturbed()) << size;
    EXPECT_EQ(run_session([&](scripted_world& world) { world.write_size = exactly; }), undisturbed()) << size;
  }
}

// fault: 13
TEST(chunking, reads_and_writes_of_random_sizes_give_the_same) {
  for (std::size_t i = 0; i < runs_of(100, 4); ++i) {
    const unsigned seed = seed_of(i);
    std::minstd_rand random(seed);
    const auto some = [&random] { return std::size_t{1} + random() % (random() % 4 == 0 ? 200 : 8); };
    const auto text = run_session([&](scripted_world& world) { world.read_size = world.write_size = some; });
    EXPECT_EQ(text, undisturbed()) << seed;
  }
}

// One byte at a time must not cost the square of the size.
// fault: 13
TEST(chunking, a_large_value_passes_through_a_narrow_line) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  const std::string value(1 << 19, 'v');
  std::size_t reads = 0;
  in.world().read_size = [&reads] { return ++reads, std::size_t{7}; };
  in.world().write_size = [] { return std::size_t{97}; };
  outcome put, get;
  in.kv.put("k", value, note{&put});
  in.kv.get("k", note{&get});
  in.run();
  EXPECT_TRUE(succeeded(put));
  ASSERT_TRUE(succeeded(get));
  EXPECT_EQ(get.value, "ok k@1=" + value);
  EXPECT_GT(reads, value.size() / 7);
}

}  // namespace
}  // namespace kvco::test
