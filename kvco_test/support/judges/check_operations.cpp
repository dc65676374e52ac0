// Judges the operations of a history. See the header.
#include <kvco_test/support/judges/check_operations.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <queue>

namespace kvco::test {
namespace {

std::string show(revision rev) { return std::to_string(rev); }

bool writes_marker(action what) { return what == action::erase || what == action::purge; }

operation operation_of(action what) {
  if (what == action::erase) return operation::erase;
  return what == action::purge ? operation::purge : operation::put;
}

}  // namespace

std::string describe(const history& ops, const seen_revision& m) {
  return "revision " + show(m.rev) + " (" + std::string(kvco::to_string(m.op)) + " of " + ops.name(m.key) +
         (m.op == operation::put ? ", value " + std::to_string(m.value) : "") + ")";
}

std::string describe(const history& ops, const operation_record& op) {
  const moment zero = ops.operations.empty() ? moment() : ops.operations.front().begin;
  const auto seconds = [&](moment at) {
    return std::to_string(std::chrono::duration<double>(at - zero).count()) + " s";
  };
  std::string out = std::string(to_string(op.what)) + " of " + ops.name(op.key);
  if (op.value != 0) out += ", value " + std::to_string(op.value);
  if (op.expected != 0 || op.what == action::update) out += ", expecting " + show(op.expected);
  out += ", begun at " + seconds(op.begin);
  if (op.how == result::open) return out + ", never completed";
  out += ", ended at " + seconds(op.end);
  if (op.how == result::ok) return out + ", with revision " + show(op.rev);
  return out + ", " + (op.how == result::unknown ? "unknown" : "refused") + ": " + op.code.message();
}

// --- who wrote what -------------------------------------------------------------------------------

attribution::attribution(const history& ops, const stored_stream& truth, verdict& to,
                         const std::set<revision>& refused_and_stored)
    : ops_(ops), truth_(truth) {
  for (const operation_record& op : ops.operations) {
    if (is_read(op.what)) continue;
    if (stores_value(op.what)) by_value_[op.value] = &op;
    if (op.how == result::ok) {
      const auto [at, is_new] = by_ack_.try_emplace(op.rev, &op);
      if (!is_new) {
        to.add("V2", "two operations were given one revision: " + describe(ops, op) + "; " +
                         describe(ops, *at->second));
      }
    } else if (writes_marker(op.what)) {
      (op.how == result::refused ? refused_markers_ : unknown_markers_)[op.key].push_back(&op);
    }
  }
  for (const seen_revision& message : truth.all()) {
    if (message.op == operation::put) {
      attribute_value(message, to);
    } else {
      attribute_marker(message, refused_and_stored.contains(message.rev), to);
    }
  }
}

void attribution::attribute_value(const seen_revision& message, verdict& to) {
  const auto found = by_value_.find(message.value);
  if (found == by_value_.end() || found->second->key != message.key) {
    return to.add("V2", "nobody wrote " + describe(ops_, message));
  }
  const auto [at, is_new] = landed_.try_emplace(found->second, message.rev);
  if (!is_new) {
    to.add("V2", "stored twice, as " + show(at->second) + " and " + show(message.rev) + ": " +
                     describe(ops_, *found->second));
  }
  writers_[message.rev] = found->second;
}

void attribution::attribute_marker(const seen_revision& message, bool refused_and_stored, verdict& to) {
  const operation_record* by = nullptr;
  const auto acked = by_ack_.find(message.rev);
  if (acked != by_ack_.end()) {
    by = acked->second;
    if (by->key != message.key || operation_of(by->what) != message.op) {
      return to.add("V2", describe(ops_, message) + " was acknowledged to " + describe(ops_, *by));
    }
  } else {
    if (refused_and_stored) by = take(refused_markers_, message);
    if (by == nullptr) by = take(unknown_markers_, message);
    if (by == nullptr) {
      const operation_record* refused = take(refused_markers_, message);
      return to.add("V2", "nobody wrote " + describe(ops_, message) +
                              (refused != nullptr ? "; perhaps " + describe(ops_, *refused) : ""));
    }
  }
  writers_[message.rev] = by;
  landed_[by] = message.rev;
}

// One that may have written it; it has written nothing else then.
const operation_record* attribution::take(markers& from, const seen_revision& message) const {
  const seen_revision* last = truth_.before(message);
  auto& open = from[message.key];
  const auto fits = [&](const operation_record* op) {
    return operation_of(op->what) == message.op &&
           (op->expected == 0 || last == nullptr || op->expected == last->rev);
  };
  // One that named the revision before it can have written nothing else.
  const auto named = std::find_if(open.begin(), open.end(), [&](const operation_record* op) {
    return fits(op) && op->expected != 0 && last != nullptr;
  });
  const auto chosen = named != open.end() ? named : std::find_if(open.begin(), open.end(), fits);
  if (chosen == open.end()) return nullptr;
  const operation_record* found = *chosen;
  open.erase(chosen);
  return found;
}

const operation_record* attribution::writer(const seen_revision& message) const {
  const auto at = writers_.find(message.rev);
  return at == writers_.end() ? nullptr : at->second;
}

revision attribution::landed(const operation_record& op) const {
  const auto at = landed_.find(&op);
  return at == landed_.end() ? 0 : at->second;
}

const operation_record* attribution::acknowledged(revision rev) const {
  const auto at = by_ack_.find(rev);
  return at == by_ack_.end() ? nullptr : at->second;
}

// --- V1 and V2 ------------------------------------------------------------------------------------

void check_completion(const history& ops, duration margin, verdict& to) {
  for (const operation_record& op : ops.operations) {
    if (op.completions != 1) {
      to.add("V1", "completed " + std::to_string(op.completions) + " times: " + describe(ops, op));
    } else if (op.end - op.begin > op.timeout + margin) {
      const auto late = std::chrono::duration_cast<std::chrono::milliseconds>(op.end - op.begin - op.timeout);
      to.add("V1", "late by " + std::to_string(late.count()) + " ms: " + describe(ops, op));
    }
  }
}

void check_effects(const history& ops, const stored_stream& truth, const attribution& by, verdict& to) {
  for (const operation_record& op : ops.operations) {
    if (is_read(op.what)) continue;
    const revision landed = by.landed(op);
    if (op.how == result::refused && landed != 0 && !op.contradicted) {
      to.add("V2", "a ghost, stored as " + show(landed) + ": " + describe(ops, op));
    }
    if (op.how != result::ok) continue;
    const seen_revision* found = truth.find(op.rev);
    if (landed != 0 && landed != op.rev) {
      to.add("V2", "stored as " + show(landed) + ", not as acknowledged: " + describe(ops, op));
    } else if (found == nullptr && !truth.may_be_gone(op.key, op.rev)) {
      to.add("V2", "acknowledged and lost: " + describe(ops, op));
    } else if (found != nullptr && by.writer(*found) != &op) {
      to.add("V2", "acknowledged, but " + describe(ops, *found) + " is stored there: " + describe(ops, op));
    }
  }
}

// --- V3 -------------------------------------------------------------------------------------------

namespace {

using position = std::uint64_t;  // a write stands at twice its revision, a read of it one behind
constexpr moment never_ends = moment::max();

struct interval {
  moment begin, end;
  position at = 0;
  const operation_record* op = nullptr;
};

class key_judge {
 public:
  key_judge(const history& ops, const stored_stream& truth, const attribution& by, verdict& to)
      : ops_(ops), truth_(truth), by_(by), to_(to) {}

  void add(const operation_record& op) {
    if (is_read(op.what)) {  // a replica may lag: only what the leader says has its place
      if (op.what == action::leader_get && op.how == result::ok && !op.contradicted) {
        all_.push_back({op.begin, op.end, 2 * op.rev + 1, &op});
      }
      return;
    }
    const revision rev = op.how == result::ok ? op.rev : by_.landed(op);
    if (rev == 0) return;
    all_.push_back({op.begin, op.how == result::ok ? op.end : never_ends, 2 * rev, &op});
  }

  void judge() {
    const auto by_begin = [](const interval& a, const interval& b) { return a.begin < b.begin; };
    const auto later = [](const interval& a, const interval& b) { return a.end > b.end; };
    std::sort(all_.begin(), all_.end(), by_begin);
    std::priority_queue<interval, std::vector<interval>, decltype(later)> open(later);
    interval settled{};  // of all that had ended: the one that stands last
    for (interval& now : all_) {
      while (!open.empty() && open.top().end < now.begin) {
        if (open.top().at > settled.at) settled = open.top();
        open.pop();
      }
      if (is_read(now.op->what)) {
        place_read(now, settled);
      } else if (now.at <= settled.at) {
        disagree(now, settled);
      }
      open.push(now);
    }
  }

 private:
  void disagree(const interval& now, const interval& settled) {
    to_.add("V3", describe(ops_, *now.op) + " - came after - " + describe(ops_, *settled.op));
  }
  void place_read(interval& now, const interval& settled) {
    if (now.op->rev == 0) return place_absence(now, settled);
    if (now.at < settled.at) disagree(now, settled);
  }
  // "There is none" is true before the first value and between a deletion and the next value: the earliest such time that
  // is not over yet.
  void place_absence(interval& now, const interval& settled) {
    now.at = settled.at;
    const auto& all = truth_.of(now.op->key);
    if (!truth_.is_whole(now.op->key) && (all.empty() || settled.at < 2 * all.front()->rev)) return;
    bool absent = true;
    position since = 1;
    for (const seen_revision* m : all) {
      if (absent && 2 * m->rev > settled.at) break;
      absent = m->op != operation::put;
      since = 2 * m->rev + 1;
    }
    if (!absent) {
      return to_.add("V3", describe(ops_, *now.op) + " - found nothing, in spite of - " +
                               (settled.op ? describe(ops_, *settled.op) : "nothing before"));
    }
    now.at = std::max(since, settled.at);
  }

  const history& ops_;
  const stored_stream& truth_;
  const attribution& by_;
  verdict& to_;
  std::vector<interval> all_;
};

// What compare-and-set promises of a stored write: the revision before it is the one that it named.
void check_expectation(const history& ops, const stored_stream& truth, const operation_record& op,
                       revision landed, verdict& to) {
  const seen_revision* message = truth.find(landed);
  if (message == nullptr) return;
  const seen_revision* last = truth.before(*message);
  if (last == nullptr && !truth.is_whole(op.key)) return;  // what it was is not known any more
  const revision rev = last == nullptr ? 0 : last->rev;
  const bool compares = op.what == action::update || (writes_marker(op.what) && op.expected != 0);
  if (compares && rev != op.expected) {
    to.add("V3", "stored as " + show(landed) + " behind " + show(rev) + ": " + describe(ops, op));
  }
  if (op.what == action::create && last != nullptr && last->op == operation::put) {
    to.add("V4", "created as " + show(landed) + " over the value of " + show(rev) + ": " + describe(ops, op));
  }
}

void check_read(const history& ops, const stored_stream& truth, const attribution& by,
                const operation_record& op, verdict& to) {
  if (op.how != result::ok || op.rev == 0) return;
  const seen_revision* found = truth.find(op.rev);
  const operation_record* writer = found != nullptr ? by.writer(*found) : by.acknowledged(op.rev);
  if (found == nullptr && !truth.may_be_gone(op.key, op.rev)) {
    to.add("V3", "read what is not stored: " + describe(ops, op));
  } else if (writer != nullptr && (writer->key != op.key || writer->value != op.value)) {
    to.add("V3",
           "read another value than was written: " + describe(ops, op) + " - " + describe(ops, *writer));
  } else if (writer != nullptr && writer->begin > op.end) {
    to.add("V3", "read what was written later: " + describe(ops, op) + " - " + describe(ops, *writer));
  }
}

}  // namespace

void check_linearizable(const history& ops, const stored_stream& truth, const attribution& by, verdict& to) {
  std::vector<key_judge> keys(ops.key_count(), key_judge(ops, truth, by, to));
  for (const operation_record& op : ops.operations) {
    keys[op.key].add(op);
    if (is_read(op.what)) {
      check_read(ops, truth, by, op, to);
    } else if (const revision landed = by.landed(op)) {
      check_expectation(ops, truth, op, landed, to);
    }
  }
  for (key_judge& key : keys) key.judge();
}

// --- V4 -------------------------------------------------------------------------------------------

void check_creates(const history& ops, const stored_stream& truth, verdict& to) {
  struct epochs {
    std::vector<const operation_record*> created;
    std::vector<revision> deleted;
    std::vector<const operation_record*> perhaps;  // deletions of unknown outcome
  };
  std::unordered_map<key_number, epochs> keys;
  for (const operation_record& op : ops.operations) {
    if (op.what == action::create && op.how == result::ok) keys[op.key].created.push_back(&op);
    if (!writes_marker(op.what) || op.how == result::refused) continue;
    if (op.how == result::ok) {
      keys[op.key].deleted.push_back(op.rev);
    } else {
      keys[op.key].perhaps.push_back(&op);
    }
  }
  for (auto& [key, one] : keys) {
    for (const seen_revision* m : truth.of(key)) {
      if (m->op != operation::put) one.deleted.push_back(m->rev);
    }
    std::sort(one.deleted.begin(), one.deleted.end());
    std::sort(one.created.begin(), one.created.end(),
              [](const operation_record* a, const operation_record* b) { return a->rev < b->rev; });
    for (std::size_t i = 1; i < one.created.size(); ++i) {
      const operation_record &first = *one.created[i - 1], &second = *one.created[i];
      const auto deletion = std::upper_bound(one.deleted.begin(), one.deleted.end(), first.rev);
      if (deletion != one.deleted.end() && *deletion < second.rev) continue;
      // A purge that came later has removed the marker, and nobody knows whether it was written.
      const bool perhaps = truth.may_be_gone(key, first.rev) &&
                           std::any_of(one.perhaps.begin(), one.perhaps.end(),
                                       [&](const operation_record* op) { return op->begin < second.end; });
      if (!perhaps) {
        to.add("V4", "two winners: " + describe(ops, first) + " - and - " + describe(ops, second));
      }
    }
  }
}

// --- P5 -------------------------------------------------------------------------------------------

namespace {

// Of the operations of one handle on one key, in the order in which they began.
void check_session(const history& ops, const stored_stream& truth, const attribution& by,
                   const std::vector<const operation_record*>& all, verdict& to) {
  const auto later = [](const operation_record* a, const operation_record* b) { return a->end > b->end; };
  std::priority_queue<const operation_record*, std::vector<const operation_record*>, decltype(later)> open(
      later);
  const operation_record* told = nullptr;  // the newest revision of all that had ended
  for (const operation_record* now : all) {
    for (; !open.empty() && open.top()->end < now->begin; open.pop()) {
      if (told == nullptr || told->rev < open.top()->rev) told = open.top();
    }
    if (now->how != result::ok) continue;
    if (now->what == action::get && !now->contradicted && told != nullptr && now->rev < told->rev) {
      const auto& kept = truth.of(now->key);
      const bool deleted = std::any_of(kept.begin(), kept.end(), [&](const seen_revision* m) {
        const operation_record* writer = by.writer(*m);
        return m->op != operation::put && m->rev >= told->rev &&
               (writer == nullptr || writer->begin < now->end);
      });
      const bool absent = now->rev == 0 && (deleted || !truth.is_whole(now->key));
      if (!absent) to.add("P5", describe(ops, *now) + " - went back behind - " + describe(ops, *told));
    }
    open.push(now);
  }
}

}  // namespace

void check_sessions(const history& ops, const stored_stream& truth, const attribution& by, verdict& to) {
  std::map<std::pair<std::uint32_t, key_number>, std::vector<const operation_record*>> sessions;
  for (const operation_record& op : ops.operations) sessions[{op.session, op.key}].push_back(&op);
  for (auto& [whose, all] : sessions) {
    // Those that begin at once stay in the order of the history. (clang warns of the library's std::stable_sort.)
    std::sort(all.begin(), all.end(), [](const operation_record* a, const operation_record* b) {
      return std::pair(a->begin, a) < std::pair(b->begin, b);
    });
    check_session(ops, truth, by, all, to);
  }
}

}  // namespace kvco::test
