// The decisions of get_many.
#include <kvco/core/many_reads.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace kvco::core {
namespace {

// The server takes 1024 messages at most (413) and answers a chunk in one go; smaller ones cost more per key, larger
// ones make other requests of the stream wait longer.
constexpr std::size_t max_chunk_keys = 500;
constexpr std::size_t max_chunk_request = 128 * 1024;
// A series that is not lost but slow is not asked for again indefinitely.
constexpr duration max_patience = std::chrono::seconds(8);
// The assumed size of a single reply before the first one has arrived; then the largest one determines it.
constexpr std::size_t first_estimate = 1u << 20, least_estimate = 1024;

}  // namespace

many_reads::many_reads(kvco::detail::texts keys, read_ways how, duration patience, revision_floors& floors)
    : keys_(std::move(keys)),
      queue_(keys_.size()),
      floors_(floors),
      how_(how),
      chunk_keys_(max_chunk_keys),
      patience_(patience) {
  how_.multi = how.multi && keys_.size() > 1;
  const bool remembers = how.remembers && floors.size() != 0;
  if (!remembers && how.least == 0) return;
  known_.reserve(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto known = remembers ? floors.of(revision_floors::id_of(keys_[i])) : revision_floors::known();
    known_.push_back(known.at_least(how.least));
  }
}

std::string many_reads::fill(key_chunk& chunk, std::string_view key_prefix, std::size_t max_payload) {
  chunk.clear();
  const std::size_t max_request = std::min(max_chunk_request, max_payload / 2);
  jetstream::multi_get_body body(key_prefix, {chunk_keys_, max_request, chunk_reply_bytes});
  for (; queue_.has_next(); queue_.take()) {
    const place item = queue_.next();
    if (body.has_room(key(item))) {
      if (chunk.add(item, key(item))) body.add(key(item));
    } else if (body.keys() == 0) {
      by_itself_.push_back(item);
    } else {
      break;
    }
  }
  return body.keys() == 0 ? std::string() : body.take();
}

many_reads::single many_reads::take_single() {
  if (lagging_.empty()) return {take_open(), how_.direct};
  const auto [item, shown] = lagging_.back();
  lagging_.pop_back();
  return {item, false, true, shown};
}

many_reads::place many_reads::take_open() {
  if (by_itself_.empty()) {
    const place item = queue_.next();
    queue_.take();
    return item;
  }
  const place item = by_itself_.back();
  by_itself_.pop_back();
  return item;
}

std::size_t many_reads::single_cost(std::size_t max_payload) const noexcept {
  return largest_ != 0 ? std::max(largest_, least_estimate) : std::min(first_estimate, max_payload);
}

// It settles the key, unless it comes from a replica that is behind.
void many_reads::judge(place item, revision shown, bool direct) {
  const auto known = known_of(item);
  if (direct && !known.allows(shown)) return lagging_.push_back({item, shown});
  const auto id = revision_floors::id_of(key(item));
  if (direct) {
    floors_.note(id, shown);
  } else {
    floors_.correct(id, known, shown);
  }
  queue_.settle();
}

// Each key of it, equal ones too.
template <class Visit>
void many_reads::for_each(const key_chunk& chunk, Visit visit) {
  for (const auto& key : chunk.keys()) visit(key.index, key);
  for (const auto& twin : chunk.duplicates()) visit(twin.index, chunk.keys()[twin.of]);
}

template <class Later>
void many_reads::end(const key_chunk& chunk, bool whole, Later later) {
  for_each(chunk, [&](place item, const key_chunk::key& key) {
    key.came || whole ? judge(item, key.rev, true) : later(item);
  });
}

// Keys without a reply are requested again. Not by up_to_seq, the server's own way of paging: a key written
// meanwhile would have no revision any more that is old enough. A series without any reply would be requested
// again indefinitely.
void many_reads::end(const key_chunk& chunk, bool whole) {
  end(chunk, whole, [&](place item) { chunk.has_come() ? queue_.again(item) : by_itself_.push_back(item); });
}

// It may only have been slow, and later replies to it belong to no request.
void many_reads::end_late(const key_chunk& chunk, duration waited) {
  patience_ = std::max(patience_, std::min(2 * waited, max_patience));
  end(chunk, false, [&](place item) { queue_.again(item); });
}

void many_reads::too_many(const key_chunk& chunk) {
  const std::size_t keys = chunk.keys().size();
  for_each(chunk,
           [&](place item, const auto&) { keys > 1 ? queue_.again(item) : by_itself_.push_back(item); });
  chunk_keys_ = std::max<std::size_t>(1, std::min(chunk_keys_, keys / 2));
}

void many_reads::refuse_chunks(const key_chunk& chunk) {
  how_.multi = false;
  ask_again(chunk);
}

void many_reads::ask_again(const key_chunk& chunk) {
  for_each(chunk, [&](place item, const auto&) { queue_.again(item); });
}

}  // namespace kvco::core
