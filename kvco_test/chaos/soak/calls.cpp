// What clients called during a soak, and its checkers. See the header.
#include <kvco_test/chaos/soak/calls.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <iterator>

namespace kvco::chaos::soak {
namespace {

using std::chrono::steady_clock;

// The client was ended by its user: that is all there is to say.
constexpr errors without_words{errc::closed, errc::already_waiting};

constexpr errors no_time{errc::timeout, errc::outcome_unknown, errc::unavailable};

std::string show(duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

std::string show(const call& one, moment zero) {
  std::string out = std::string(one.what) + ", begun at " + show(one.begin - zero);
  if (one.completions == 0) return out + ", never completed";
  out += ", ended at " + show(one.end - zero) + ": " + one.code.message();
  return one.detail.empty() ? out : out + " (" + one.detail + ")";
}

moment first_of(const call_log& log) { return log.calls.empty() ? moment() : log.calls.front().begin; }

bool changes_something(std::string_view what) {
  constexpr std::string_view all[] = {"put",   "create",        "update",       "erase",
                                      "purge", "ensure_bucket", "delete_bucket"};
  return std::any_of(std::begin(all), std::end(all),
                     [&](std::string_view each) { return what.starts_with(each); });
}

bool explains(const trouble& one, const call& failed, duration shortly) {
  if (!is_any_of(failed.code, one.explains) || one.begin > failed.end) return false;
  return one.end == moment::max() || one.end + shortly >= failed.since;
}

}  // namespace

bool is_any_of(error_code code, errors wanted) {
  for (int i = 1; i <= static_cast<int>(errc::closed); ++i) {
    if (wanted.has(static_cast<errc>(i)) && code == static_cast<errc>(i)) return true;
  }
  return false;
}

call& call_log::begin(std::string_view what, duration longest, errors own) {
  call& made = calls.emplace_back();
  made.what = what;
  made.begin = made.since = steady_clock::now();
  if (longest != duration()) made.deadline = made.begin + longest;
  made.own = own;
  if (longest != duration() && longest < std::chrono::milliseconds(500)) made.own = made.own | no_time;
  ++open;
  return made;
}

void call_log::add_item(std::string_view what, const call& whole, error_code code, std::string detail) {
  call& made = calls.emplace_back(whole);
  made.what = what;
  made.code = code;
  made.detail = std::move(detail);
}

void call_log::end(call& which, error_code code) {
  if (code) which.detail = error_detail();
  which.end = steady_clock::now();
  which.code = code;
  if (++which.completions == 1) --open;
}

void call_log::must_end(call& which) { which.deadline = std::min(which.deadline, steady_clock::now()); }

void call_log::must_end_unchanged(call& which) {
  if (!changes_something(which.what)) must_end(which);
}

void check_deadlines(const call_log& log, duration margin, test::verdict& to) {
  const moment zero = first_of(log);
  for (const call& one : log.calls) {
    if (one.completions != 1) {
      to.add("V1", "completed " + std::to_string(one.completions) + " times: " + show(one, zero));
    } else if (one.deadline != moment::max() && one.end > one.deadline + margin) {
      to.add("V1", "late by " + show(one.end - one.deadline) + ": " + show(one, zero));
    }
  }
}

void check_causes(const call_log& log, const std::vector<trouble>& troubles, duration shortly,
                  test::verdict& to) {
  const moment zero = first_of(log);
  for (const call& one : log.calls) {
    if (!one.code || one.completions == 0 || is_any_of(one.code, one.own)) continue;
    const bool aborted = one.code == boost::asio::error::operation_aborted || one.code == errc::closed ||
                         one.code == errc::outcome_unknown;
    if (aborted && one.may_abort) continue;
    if (one.code == errc::outcome_unknown && one.end >= one.sent_again) continue;
    const bool explained = std::any_of(troubles.begin(), troubles.end(),
                                       [&](const trouble& t) { return explains(t, one, shortly); });
    if (explained) continue;
    std::string during;
    for (const trouble& t : troubles) {
      if (t.begin <= one.end && (t.end == moment::max() || t.end + shortly >= one.since)) {
        during += (during.empty() ? "" : ", ") + t.name;
      }
    }
    to.add("V13",
           "nothing explains " + show(one, zero) + "; meanwhile: " + (during.empty() ? "nothing" : during));
  }
}

void check_words(const call_log& log, test::verdict& to) {
  const moment zero = first_of(log);
  for (const call& one : log.calls) {
    if (!one.code || one.completions == 0) continue;
    const bool needs_none =
        one.code == boost::asio::error::operation_aborted || is_any_of(one.code, without_words);
    const bool silent = one.code.message().empty() || (one.detail.empty() && !needs_none);
    if (silent) to.add("V16", "no words for the cause: " + show(one, zero));
  }
}

void check_growth(std::string_view of_what, const std::vector<std::size_t>& after_each_round,
                  std::size_t allowed, test::verdict& to) {
  if (after_each_round.empty()) return;
  const std::size_t most = after_each_round.front() + allowed;
  for (std::size_t i = 1; i < after_each_round.size(); ++i) {
    if (after_each_round[i] <= most) continue;
    to.add("V17", std::string(of_what) + ": " + std::to_string(after_each_round[i]) + " after round " +
                      std::to_string(i + 1) + ", " + std::to_string(after_each_round.front()) +
                      " after the first");
  }
}

}  // namespace kvco::chaos::soak
