// A bucket's stream as the server keeps it.
#include <kvco_test/support/simulation/stream_model.hpp>

#include <algorithm>

namespace kvco::test {

std::uint64_t stream_model::put(std::string_view key, std::string payload) {
  return write(key, std::move(payload), {}, kvco::operation::put);
}

std::uint64_t stream_model::erase(std::string_view key) {
  return write(key, {}, "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n", kvco::operation::erase);
}

std::uint64_t stream_model::purge(std::string_view key) {
  const auto found = keys_.find(key);
  const std::vector<std::uint64_t> before =
      found == keys_.end() ? std::vector<std::uint64_t>() : found->second;
  const std::uint64_t seq =
      write(key, {}, "NATS/1.0\r\nKV-Operation: PURGE\r\nNats-Rollup: sub\r\n\r\n", kvco::operation::purge);
  for (const std::uint64_t old : before) expire(old);
  return seq;
}

// The server trims a subject while it stores, and tells consumers of the new message after that.
std::uint64_t stream_model::write(std::string_view key, std::string payload, std::string header,
                                  kvco::operation op) {
  const std::uint64_t seq = last() + 1;
  log_.push_back({seq, std::string(key), std::move(payload), std::move(header), op});
  auto& revisions = keys_[std::string(key)];
  revisions.push_back(seq);
  while (revisions.size() > history_) {
    const std::uint64_t oldest = revisions.front();
    revisions.erase(revisions.begin());
    remove(oldest);
  }
  const std::vector<stream_observer*> told = observers_;
  for (stream_observer* who : told) who->on_stored(at(seq));
  return seq;
}

bool stream_model::expire(std::uint64_t seq) {
  if (!has(seq)) return false;
  const auto found = keys_.find(at(seq).key);
  std::erase(found->second, seq);
  if (found->second.empty()) {
    vanished_.insert(found->first);
    keys_.erase(found);
  }
  remove(seq);
  return true;
}

void stream_model::remove(std::uint64_t seq) {
  log_[seq - 1].stored = false;
  const std::vector<stream_observer*> told = observers_;
  for (stream_observer* who : told) who->on_removed(at(seq));
}

void stream_model::recreate() {
  ++incarnation_;
  log_.clear();
  keys_.clear();
  vanished_.clear();
}

std::uint64_t stream_model::first() const noexcept {
  const auto found = std::find_if(log_.begin(), log_.end(), [](const written& w) { return w.stored; });
  return found == log_.end() ? last() + 1 : found->seq;
}

}  // namespace kvco::test
