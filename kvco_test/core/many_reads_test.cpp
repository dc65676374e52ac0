// Which keys of a get_many are asked for how, by script: core/many_reads.cpp. That all ways give the same is in
// net/get_many_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/core/many_reads.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr read_ways in_chunks{true, true, true}, from_replicas{true, false, true},
    from_leader{false, false, true};
constexpr std::size_t large_payload = 1 << 20;

/// The keys of a call, and what becomes of them.
class many_reads_test : public testing::Test {
 protected:
  many_reads reads(const std::vector<std::string>& keys, read_ways how) {
    std::size_t size = 0;
    for (const std::string& key : keys) size += key.size();
    kvco::detail::texts copies(keys.size(), size);
    for (const std::string& key : keys) copies.add(key);
    return {std::move(copies), how, 1s, floors};
  }
  static std::vector<std::string> numbered(std::size_t count) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) keys.push_back("k" + std::to_string(i));
    return keys;
  }
  std::string fill(many_reads& from) { return from.fill(chunk, "$KV.b.", large_payload); }
  /// The keys that are asked for by themselves.
  static std::vector<many_reads::place> singles(many_reads& from) {
    std::vector<many_reads::place> taken;
    while (from.has_single()) taken.push_back(from.take_single().item);
    return taken;
  }
  std::vector<many_reads::place> chunk_places() const {
    std::vector<many_reads::place> places;
    for (const auto& key : chunk.keys()) places.push_back(key.index);
    return places;
  }
  void come(std::string_view key, revision rev, revision previous, std::uint64_t pending) {
    jetstream::multi_get_reply reply;
    reply.kind = jetstream::multi_get_kind::message;
    reply.fields.key = key;
    reply.fields.rev = rev;
    reply.previous = previous;
    reply.pending = pending;
    chunk.on_message(reply);
  }

  revision_floors floors;
  key_chunk chunk;
};

// --- chunks ----------------------------------------------------------------------------------------------------------------

TEST_F(many_reads_test, one_request_asks_for_many) {
  many_reads work = reads({"a", "b", "a"}, in_chunks);
  ASSERT_TRUE(work.has_chunk());
  EXPECT_FALSE(work.has_single());
  EXPECT_EQ(fill(work), R"({"multi_last":["$KV.b.a","$KV.b.b"],"max_bytes":4194304})");
  EXPECT_FALSE(work.has_chunk());
  come("a", 3, 0, 1);
  come("b", 5, 3, 0);
  work.end(chunk, true);
  EXPECT_TRUE(work.complete()) << "the second \"a\" too";
  EXPECT_EQ(floors.of(revision_floors::id_of("b")).newest, 5u);
}

TEST_F(many_reads_test, one_key_needs_no_chunk) {
  many_reads work = reads({"a"}, in_chunks);
  EXPECT_FALSE(work.has_chunk());
  EXPECT_THAT(singles(work), ElementsAre(0));
}

TEST_F(many_reads_test, a_chunk_has_a_maximum_number_of_keys) {
  many_reads work = reads(numbered(1200), in_chunks);
  std::size_t keys = 0, chunks = 0;
  for (; work.has_chunk(); ++chunks) {
    fill(work);
    keys += chunk.keys().size();
    EXPECT_LE(chunk.keys().size(), 500u);
  }
  EXPECT_EQ(keys, 1200u);
  EXPECT_EQ(chunks, 3u);
}

TEST_F(many_reads_test, a_key_that_fits_into_no_chunk_is_asked_for_by_itself) {
  many_reads work = reads({std::string(100, 'k'), "b"}, in_chunks);
  EXPECT_NE(work.fill(chunk, "$KV.b.", 200), "");
  EXPECT_THAT(chunk_places(), ElementsAre(1));
  EXPECT_TRUE(work.has_single());
  EXPECT_EQ(work.take_single().item, 0u);

  many_reads none = reads({std::string(100, 'k'), std::string(99, 'k')}, in_chunks);
  EXPECT_EQ(none.fill(chunk, "$KV.b.", 200), "");
  EXPECT_FALSE(none.has_chunk());
  EXPECT_EQ(singles(none).size(), 2u);
}

TEST_F(many_reads_test, what_a_whole_series_does_not_bring_is_absent) {
  many_reads work = reads({"a", "b"}, in_chunks);
  fill(work);
  work.end(chunk, true);
  EXPECT_TRUE(work.complete());
}

TEST_F(many_reads_test, what_a_broken_series_does_not_bring_is_asked_for_again) {
  many_reads work = reads({"a", "b", "c", "b"}, in_chunks);
  fill(work);
  come("a", 3, 0, 2);
  work.end(chunk, false);
  ASSERT_TRUE(work.has_chunk());
  fill(work);
  EXPECT_THAT(chunk_places(), ElementsAre(1, 2));
  EXPECT_EQ(chunk.duplicates().size(), 1u);
}

TEST_F(many_reads_test, a_series_that_brings_nothing_is_not_asked_for_again) {
  many_reads work = reads({"a", "b"}, in_chunks);
  fill(work);
  work.end(chunk, false);
  EXPECT_FALSE(work.has_chunk());
  EXPECT_THAT(singles(work), testing::UnorderedElementsAre(0, 1));
}

TEST_F(many_reads_test, a_series_that_is_late_is_waited_for_longer) {
  many_reads work = reads({"a", "b"}, in_chunks);
  EXPECT_EQ(work.patience(), 1s);
  for (const duration longer : {2s, 4s, 8s, 8s}) {
    fill(work);
    work.end_late(chunk, work.patience());
    EXPECT_EQ(work.patience(), longer);
    EXPECT_TRUE(work.has_chunk()) << "although it has brought nothing";
  }
}

TEST_F(many_reads_test, chunks_get_smaller_where_the_server_gives_less) {
  many_reads work = reads(numbered(8), in_chunks);
  for (const std::size_t smaller : {4u, 2u, 1u}) {
    fill(work);
    work.too_many(chunk);
    fill(work);
    EXPECT_EQ(chunk.keys().size(), smaller);
    work.ask_again(chunk);
  }
  fill(work);
  work.too_many(chunk);
  EXPECT_TRUE(work.has_single()) << "one key of which there is too much is asked for by itself";
}

TEST_F(many_reads_test, a_server_that_refuses_chunks_is_asked_for_single_keys) {
  many_reads work = reads({"a", "b", "c"}, in_chunks);
  fill(work);
  work.refuse_chunks(chunk);
  EXPECT_FALSE(work.has_chunk());
  EXPECT_TRUE(work.next_is_direct());
  EXPECT_THAT(singles(work), ElementsAre(0, 1, 2));
}

// --- replicas that are behind --------------------------------------------------------------------------------------------

TEST_F(many_reads_test, the_leader_is_asked_where_a_replica_is_behind) {
  floors.note("a", 9);
  many_reads work = reads({"a", "b"}, from_replicas);
  const many_reads::single first = work.take_single(), second = work.take_single();
  EXPECT_TRUE(first.direct && !first.via_leader);
  work.judge(first, 7);
  work.judge(second, 7);
  EXPECT_FALSE(work.complete());
  ASSERT_TRUE(work.has_single());
  EXPECT_FALSE(work.next_is_direct());
  const many_reads::single again = work.take_single();
  EXPECT_EQ(again.item, first.item);
  EXPECT_TRUE(again.via_leader && !again.direct);
  EXPECT_EQ(again.shown, 7u);
  work.judge(again, 7);
  EXPECT_TRUE(work.complete()) << "the leader is believed";
}

TEST_F(many_reads_test, what_a_replica_has_shown_counts_where_the_leader_may_not_be_asked) {
  floors.note("a", 9);
  many_reads work = reads({"a"}, from_replicas);
  work.judge(work.take_single(), 7);
  work.accept_replica(work.take_single());
  EXPECT_TRUE(work.complete());
}

TEST_F(many_reads_test, a_series_of_a_replica_that_is_behind) {
  floors.note("a", 9);
  many_reads work = reads({"a", "b"}, in_chunks);
  fill(work);
  work.end(chunk, true);  // and has neither
  EXPECT_FALSE(work.complete());
  const many_reads::single again = work.take_single();
  EXPECT_TRUE(again.via_leader);
  EXPECT_EQ(again.item, 0u);
  EXPECT_FALSE(work.has_single());
}

TEST_F(many_reads_test, without_memory_any_replica_is_believed) {
  floors.note("a", 9);
  read_ways how = from_replicas;
  how.remembers = false;
  many_reads work = reads({"a"}, how);
  work.judge(work.take_single(), 7);
  EXPECT_TRUE(work.complete());
}

TEST_F(many_reads_test, what_was_noted_after_it_began_does_not_count) {
  floors.note("b", 1);
  many_reads work = reads({"a"}, from_replicas);
  floors.note("a", 9);
  work.judge(work.take_single(), 7);
  EXPECT_TRUE(work.complete());
}

// --- the rest --------------------------------------------------------------------------------------------------------------

TEST_F(many_reads_test, the_leader_alone_is_asked_where_replicas_may_not_answer) {
  many_reads work = reads({"a", "b"}, from_leader);
  EXPECT_FALSE(work.has_chunk());
  EXPECT_FALSE(work.next_is_direct());
  EXPECT_FALSE(work.take_single().direct);
}

TEST_F(many_reads_test, replicas_are_left_when_the_stream_answers_no_direct_get) {
  many_reads work = reads({"a", "b"}, in_chunks);
  fill(work);
  work.leave_replicas();
  work.ask_again(chunk);
  EXPECT_FALSE(work.direct() || work.has_chunk());
  EXPECT_THAT(singles(work), ElementsAre(0, 1));
}

TEST_F(many_reads_test, a_reply_costs_what_the_largest_was) {
  many_reads work = reads({"a"}, from_replicas);
  EXPECT_EQ(work.single_cost(64 << 20), 1u << 20);
  EXPECT_EQ(work.single_cost(5000), 5000u);
  work.note_size(10);
  EXPECT_EQ(work.single_cost(64 << 20), 1024u);
  work.note_size(9000);
  work.note_size(10);
  EXPECT_EQ(work.single_cost(64 << 20), 9000u);
}

}  // namespace
}  // namespace kvco::core
