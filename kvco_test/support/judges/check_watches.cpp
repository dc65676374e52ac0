// Judges what watches gave. See the header.
#include <kvco_test/support/judges/check_watches.hpp>

#include <algorithm>
#include <kvco_test/support/judges/client_frames.hpp>
#include <limits>

namespace kvco::test {
namespace {

using start = watch_record::start;
constexpr std::string_view start_names[] = {"last", "history", "updates", "from"};

// Which keys a watch asked for, by their numbers.
class selection {
 public:
  selection(const watch_record& watch, const history& ops) : wanted_(ops.key_count()) {
    for (std::size_t key = 0; key < wanted_.size(); ++key) {
      const std::string& name = ops.name(static_cast<key_number>(key));
      wanted_[key] = std::any_of(watch.filters.begin(), watch.filters.end(),
                                 [&](const std::string& filter) { return subject_matches(filter, name); });
    }
  }
  bool has(key_number key) const { return wanted_[key]; }

 private:
  std::vector<bool> wanted_;
};

const seen_revision* find(const watch_record& watch, revision rev) {
  const auto at = std::lower_bound(watch.entries.begin(), watch.entries.end(), rev,
                                   [](const seen_revision& e, revision r) { return e.rev < r; });
  return at != watch.entries.end() && at->rev == rev ? &*at : nullptr;
}

// The newest revision that each key has among these entries.
std::vector<revision> newest_given(const watch_record& watch, std::size_t keys, std::size_t count) {
  std::vector<revision> newest(keys);
  for (std::size_t i = 0; i < count; ++i) {
    revision& last = newest[watch.entries[i].key];
    last = std::max(last, watch.entries[i].rev);
  }
  return newest;
}

// From this revision on all were written after the watch stood.
revision surely_live(const watch_record& watch, const stored_stream& truth, const attribution& by) {
  if (watch.initial_ends == 0) return std::numeric_limits<revision>::max();
  for (const seen_revision& m : truth.all()) {
    const operation_record* writer = by.writer(m);
    if (writer != nullptr && writer->begin > watch.initial_at) return m.rev;
  }
  return std::numeric_limits<revision>::max();
}

// Removed by a purge whose marker came behind the initial data.
bool purged_meanwhile(const watch_record& watch, const history& ops, const operation_record& there) {
  return std::any_of(ops.operations.begin(), ops.operations.end(), [&](const operation_record& op) {
    const bool later = op.how == result::ok ? op.rev > there.rev : op.how != result::refused;
    return op.what == action::purge && op.key == there.key && later && op.begin < watch.initial_at;
  });
}

std::string describe_initial(const watch_record& watch, const history& ops) {
  const moment zero = ops.operations.front().begin;
  const auto seconds = [&](moment at) {
    return std::to_string(std::chrono::duration<double>(at - zero).count()) + " s";
  };
  const auto entry = [&](std::size_t i) {
    return i < watch.entries.size() ? std::to_string(watch.entries[i].rev) : "none";
  };
  return "start " + std::string(start_names[static_cast<std::size_t>(watch.where)]) + " " +
         std::to_string(watch.from) + ", filter " + watch.filters.front() +
         (watch.ignore_deletes ? ", no deletes" : "") + ", begun at " + seconds(watch.begin) +
         ", initial data ended at " + seconds(watch.initial_at) + " with " +
         std::to_string(watch.initial_size) + " entries, first " + entry(0) + ", last " +
         entry(watch.initial_size - 1) + ", then " + entry(watch.initial_size);
}

}  // namespace

void check_order(const watch_record& watch, const history& ops, const stored_stream& truth,
                 const attribution& by, verdict& to) {
  const selection selected(watch, ops);
  revision last = 0;
  for (const seen_revision& e : watch.entries) {
    const std::string name = watch.name + ": ";
    if (e.rev <= last) to.add("V5", name + describe(ops, e) + " came after revision " + std::to_string(last));
    last = std::max(last, e.rev);
    if (!selected.has(e.key)) to.add("V5", name + describe(ops, e) + " is none that was asked for");
    if (watch.ignore_deletes && e.op != operation::put)
      to.add("V5", name + describe(ops, e) + " is a deletion");
    if (const seen_revision* m = truth.find(e.rev)) {
      const bool same_value = watch.meta_only || m->value == e.value;
      if (m->key != e.key || m->op != e.op || !same_value) {
        to.add("V5", name + describe(ops, e) + ", but stored is " + describe(ops, *m));
      }
    } else if (!truth.may_be_gone(e.key, e.rev)) {
      to.add("V5", name + describe(ops, e) + " is not stored");
    } else if (const operation_record* writer = by.acknowledged(e.rev)) {
      if (writer->key != e.key || (!watch.meta_only && writer->value != e.value)) {
        to.add("V5", name + describe(ops, e) + ", but it was written by " + describe(ops, *writer));
      }
    }
  }
}

void check_complete(const watch_record& watch, const history& ops, const stored_stream& truth,
                    const attribution& by, verdict& to) {
  if (watch.entries.empty()) return;  // that it must have some is for V7 and V8 to tell
  const selection selected(watch, ops);
  const revision last = watch.entries.back().rev;
  revision each_from = watch.where == start::from ? watch.from : 0;
  if (watch.where == start::updates) {
    each_from = std::min(watch.entries.front().rev, surely_live(watch, truth, by));
  } else if (watch.where == start::last) {
    each_from = surely_live(watch, truth, by);
  }
  const auto newest = newest_given(watch, ops.key_count(), watch.entries.size());
  for (const seen_revision& m : truth.all()) {
    if (m.rev > last) break;
    if (!selected.has(m.key) || (watch.ignore_deletes && m.op != operation::put)) continue;
    if (m.rev < each_from) {
      // Only the newest entry of each key: a newer one does as well.
      if (watch.where == start::last && truth.of(m.key).back()->rev == m.rev && newest[m.key] < m.rev) {
        to.add("V6", watch.name + " has nothing of the key of " + describe(ops, m));
      }
      continue;
    }
    if (find(watch, m.rev) == nullptr) {
      const operation_record* writer = by.writer(m);
      to.add("V6", watch.name + " (" + std::string(start_names[static_cast<std::size_t>(watch.where)]) +
                       ") lacks " + describe(ops, m) +
                       (writer != nullptr ? ", written by " + describe(ops, *writer) : ""));
    }
  }
}

void check_initial(const watch_record& watch, const history& ops, const stored_stream& truth, verdict& to) {
  if (watch.stopped_early && watch.initial_ends == 0) return;
  if (watch.initial_ends != 1) {
    return to.add("V7",
                  watch.name + ": the initial data ended " + std::to_string(watch.initial_ends) + " times");
  }
  if (watch.where == start::updates) {
    if (watch.initial_size != 0) to.add("V7", watch.name + ": entries before the end of no initial data");
    return;
  }
  // What was there for certain: the last write of each key that was acknowledged before the watch was made.
  std::vector<const operation_record*> there(ops.key_count());
  for (const operation_record& op : ops.operations) {
    if (is_read(op.what) || op.how != result::ok || op.end >= watch.begin) continue;
    if (there[op.key] == nullptr || there[op.key]->rev < op.rev) there[op.key] = &op;
  }
  const selection selected(watch, ops);
  const auto newest = newest_given(watch, ops.key_count(), watch.initial_size);
  for (key_number key = 0; key < there.size(); ++key) {
    const operation_record* op = there[key];
    if (op == nullptr || !selected.has(key) || op->rev < watch.from || newest[key] >= op->rev) continue;
    if (op->rev > watch.told_end) continue;
    const auto& all = truth.of(key);
    const bool deleted = std::any_of(all.begin(), all.end(), [&](const seen_revision* m) {
      return m->rev >= op->rev && m->op != operation::put;
    });
    if (watch.ignore_deletes && (deleted || truth.may_be_gone(key, op->rev))) continue;
    if (purged_meanwhile(watch, ops, *op)) continue;
    to.add("V7", watch.name + ": the initial data ended without " + describe(ops, *op) + "; " +
                     describe_initial(watch, ops));
  }
}

void check_live(const watch_record& watch, revision sentinel, verdict& to) {
  if (!watch.failure.empty()) return to.add("V8", watch.name + " ended: " + watch.failure);
  if (find(watch, sentinel) != nullptr) return;
  to.add("V8", watch.name + " has not seen revision " + std::to_string(sentinel) +
                   ", the last one of all; its last entry is " +
                   (watch.entries.empty() ? "none" : std::to_string(watch.entries.back().rev)));
}

}  // namespace kvco::test
