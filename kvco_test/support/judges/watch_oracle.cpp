// Judges what a watch gives out against what was written.
#include <kvco_test/support/judges/watch_oracle.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>

namespace kvco::test {
namespace {

using jetstream::deliver_policy;

// So often a key must be replaced just before its turn until the watch gives up waiting for it.
constexpr std::ptrdiff_t too_often = 9;

}  // namespace

bool watch_oracle::wanted(const written& message) const {
  if (settings_.ignore_deletes && message.op != kvco::operation::put) return false;
  return std::any_of(settings_.filters.begin(), settings_.filters.end(),
                     [&](const std::string& filter) { return jetstream::matches(filter, message.key); });
}

void watch_oracle::on_created(std::uint64_t epoch) {
  last_at_creation_[epoch] = server_.stream().last();
  if (!beginning_) beginning_.emplace(server_.stream().keys().begin(), server_.stream().keys().end());
}

void watch_oracle::settle_floor(std::uint64_t epoch) {
  if (floor_) return;
  const auto created = last_at_creation_.find(epoch);
  floor_ = created == last_at_creation_.end() ? 0 : created->second;
}

void watch_oracle::on_entry(const kvco::detail::entry_fields& entry, std::uint64_t epoch, int incarnation) {
  const std::string name = "revision " + std::to_string(entry.rev) + ": ";
  settle_floor(epoch);
  if (!incarnation_) incarnation_ = incarnation;
  if (incarnation_ != incarnation) mixed_ = true;             // tolerated only right before it ends
  if (incarnation != server_.stream().incarnation()) return;  // it was on its way; its log is gone
  if (!given_.empty() && entry.rev <= *given_.rbegin()) report(name + "out of order or given twice");
  given_.insert(entry.rev);
  if (entry.rev == 0 || entry.rev > server_.stream().last()) return report(name + "was never written");
  const written& truth = server_.stream().at(entry.rev);
  if (entry.key != truth.key) report(name + "wrong key " + std::string(entry.key));
  if (entry.op != truth.op) report(name + "wrong operation");
  if (!settings_.headers_only && entry.value != truth.payload) report(name + "wrong value");
  if (entry.value_size != truth.payload.size()) report(name + "wrong size");
  if (!wanted(truth)) report(name + "is none that was asked for");
}

bool watch_oracle::may_lack(const written& message) const {
  if (!message.stored || !wanted(message)) return true;
  if (settings_.deliver == deliver_policy::updates_only) return !floor_ || message.seq <= *floor_;
  if (settings_.deliver == deliver_policy::by_start_sequence) return message.seq < settings_.start_sequence;
  return settings_.deliver == deliver_policy::last_per_subject && message.was_not_last;
}

// With others who replace keys faster than they are read no watch can have them all and still end its initial data.
bool watch_oracle::replaced_too_often(const std::string& key, std::uint64_t epoch) const {
  const auto created = last_at_creation_.find(epoch);
  const std::uint64_t since = created == last_at_creation_.end() ? 0 : created->second;
  return std::count_if(server_.stream().log().begin(), server_.stream().log().end(), [&](const written& w) {
           return w.seq > since && w.key == key && !given_.contains(w.seq);
         }) >= too_often;
}

void watch_oracle::check_key(const std::string& key, std::uint64_t revision, std::uint64_t epoch) {
  const auto& log = server_.stream().log();
  const auto counts = [&](const written& w) { return w.key == key && w.seq >= revision; };
  const bool seen = std::any_of(log.begin(), log.end(),
                                [&](const written& w) { return counts(w) && given_.contains(w.seq); });
  const bool excused =
      std::any_of(log.begin(), log.end(), [&](const written& w) { return counts(w) && !wanted(w); });
  if (seen || excused || server_.stream().has_vanished(key) || replaced_too_often(key, epoch)) return;
  report("the initial data ended without key " + key + ", revision " + std::to_string(revision));
}

void watch_oracle::on_initial_complete(std::uint64_t epoch) {
  if (++ends_ > 1) report("the initial data ended twice");
  if (pending_lies_ || !beginning_ || settings_.deliver == deliver_policy::updates_only) return;
  if (incarnation_ && incarnation_ != server_.stream().incarnation()) return;
  if (server_.stream().incarnation() != 1) return;  // another stream than the one of the beginning
  const bool each_revision = settings_.deliver != deliver_policy::last_per_subject;
  for (const auto& [key, revisions] : *beginning_) {
    if (settings_.deliver == deliver_policy::by_start_sequence && revisions.back() < settings_.start_sequence)
      continue;
    check_key(key, revisions.back(), epoch);
    if (!each_revision) continue;
    for (const std::uint64_t revision : revisions) {
      if (given_.contains(revision) || may_lack(server_.stream().at(revision))) continue;
      report("the initial data ended without revision " + std::to_string(revision));
    }
  }
}

void watch_oracle::at_rest(bool initial_complete) {
  if (!initial_complete) report("the initial data never ended");
  if (mixed_) report("it gave entries of two streams");
  if (incarnation_ && incarnation_ != server_.stream().incarnation())
    return report("it did not notice the new stream");
  for (const written& message : server_.stream().log()) {
    if (given_.contains(message.seq) || may_lack(message)) continue;
    report("lost: revision " + std::to_string(message.seq) + " of " + message.key);
  }
}

}  // namespace kvco::test
