// The write queue against a plain string of all bytes: core/outbox.cpp.
#include <gtest/gtest.h>
#include <kvco/core/outbox.hpp>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace kvco::core {
namespace {

shared_bytes bytes_of(std::string_view text) {
  auto bytes = detail::byte_block::make(text.size());
  std::copy(text.begin(), text.end(), bytes->data());
  return bytes;
}

std::string joined(const std::vector<std::string_view>& pieces) {
  std::string all;
  for (const std::string_view piece : pieces) all += piece;
  return all;
}

TEST(outbox, begins_empty) {
  outbox out;
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.waiting_bytes(), 0U);
  EXPECT_EQ(out.pending_bytes(), 0U);
  EXPECT_EQ(out.end(), 0U);
  EXPECT_EQ(out.handed_over(), 0U);
  EXPECT_TRUE(out.take().empty());
}

TEST(outbox, small_pieces_are_joined) {
  outbox out;
  out.append("PING\r\n");
  out.tail() += "PONG\r\n";
  out.append("SUB x 1\r\n");
  EXPECT_EQ(out.take(), std::vector<std::string_view>{"PING\r\nPONG\r\nSUB x 1\r\n"});
}

TEST(outbox, a_large_piece_is_passed_on_uncopied) {
  outbox out;
  const shared_bytes large = bytes_of(std::string(outbox::large, 'x'));
  out.append("before");
  out.append(large);
  out.append("after");
  const auto& pieces = out.take();
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0], "before");
  EXPECT_EQ(pieces[1].data(), large->data());
  EXPECT_EQ(pieces[2], "after");
}

TEST(outbox, a_large_piece_lives_until_it_is_written) {
  for (const bool cleared : {false, true}) {
    outbox out;
    const shared_bytes large = bytes_of(std::string(100, 'x'));
    out.append(large);
    EXPECT_EQ(large->holders(), 2U);
    out.take();
    EXPECT_EQ(large->holders(), 2U);
    cleared ? out.clear() : out.written();
    EXPECT_EQ(large->holders(), 1U);
  }
}

TEST(outbox, what_is_queued_during_a_write_leaves_with_the_next) {
  outbox out;
  out.append("first");
  const std::vector<std::string_view> pieces = out.take();
  out.append(" second");
  out.append(bytes_of(" third"));
  EXPECT_EQ(joined(pieces), "first");  // not moved by what came behind
  EXPECT_EQ(out.waiting_bytes(), 13U);
  EXPECT_EQ(out.pending_bytes(), 18U);
  EXPECT_EQ(out.handed_over(), 5U);
  EXPECT_EQ(out.end(), 18U);
  out.written();
  EXPECT_EQ(out.pending_bytes(), 13U);
  EXPECT_EQ(joined(out.take()), " second third");
}

TEST(outbox, an_untouched_tail_is_nothing) {
  outbox out;
  out.tail();
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(out.take().empty());
  out.written();
  out.tail();
  out.append(bytes_of("x"));
  EXPECT_EQ(out.take(), std::vector<std::string_view>{"x"});
}

TEST(outbox, answers_count_until_they_are_written) {
  outbox out;
  out.append("request");
  EXPECT_EQ(out.answer_bytes(), 0U);
  out.append("PONG\r\n");
  out.note_answer(6);
  EXPECT_EQ(out.answer_bytes(), 6U);
  out.take();
  EXPECT_EQ(out.answer_bytes(), 6U);
  out.append("PONG\r\n");
  out.note_answer(6);
  EXPECT_EQ(out.answer_bytes(), 12U);
  out.written();
  EXPECT_EQ(out.answer_bytes(), 6U);
  out.clear();
  EXPECT_EQ(out.answer_bytes(), 0U);
}

TEST(outbox, clear_begins_again_at_zero) {
  outbox out;
  out.append("lost");
  out.take();
  out.append(bytes_of("lost, too"));
  out.append("and this");
  out.clear();
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.pending_bytes(), 0U);
  EXPECT_EQ(out.end(), 0U);
  EXPECT_EQ(out.handed_over(), 0U);
  out.append("new");
  EXPECT_EQ(joined(out.take()), "new");
}

// The buffer of small pieces is used again: no allocation in the steady state; one that a burst blew up is given back.
TEST(outbox, buffers_are_used_again) {
  outbox out;
  out.append(std::string(10'000, 'x'));
  const char* before = out.take().front().data();
  out.written();
  out.append("small");
  EXPECT_EQ(out.take().front().data(), before);
  out.written();
  out.append(std::string(4 << 20, 'x'));
  out.take();
  out.written();
  EXPECT_LT(out.tail().capacity(), 2U << 20);
}

TEST(outbox, random_sequences) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    outbox out;
    std::string all, taken;  // since the last clear()
    std::size_t in_flight = 0;
    bool writing = false;
    for (int step = 0; step < 300; ++step) {
      const std::string piece(random() % 4 == 0 ? 0 : random() % 40, static_cast<char>('a' + random() % 26));
      switch (random() % 8) {
        case 0:
        case 1:
          out.append(piece);
          all += piece;
          break;
        case 2:
          out.tail() += piece;
          all += piece;
          break;
        case 3:
        case 4:
          out.append(bytes_of(piece));
          all += piece;
          break;
        case 5:
          if (writing) break;
          in_flight = out.waiting_bytes();
          taken += joined(out.take());
          writing = true;
          ASSERT_EQ(taken, all) << "seed " << seed << ", step " << step;
          break;
        case 6:
          if (writing) out.written();
          in_flight = 0;
          writing = false;
          break;
        case 7:
          if (random() % 8 != 0) break;
          out.clear();
          all.clear();
          taken.clear();
          in_flight = 0;
          writing = false;
      }
      ASSERT_EQ(out.end(), all.size());
      ASSERT_EQ(out.handed_over(), taken.size());
      ASSERT_EQ(out.waiting_bytes(), all.size() - taken.size());
      ASSERT_EQ(out.empty(), all.size() == taken.size());
      ASSERT_EQ(out.pending_bytes(), all.size() - taken.size() + in_flight);
    }
  }
}

}  // namespace
}  // namespace kvco::core
