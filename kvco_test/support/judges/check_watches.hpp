// Judges what watches gave against what the bucket holds at the end: checkers V5 to V8.
#pragma once

#include <kvco_test/support/judges/check_operations.hpp>
#include <kvco_test/support/judges/history.hpp>
#include <kvco_test/support/judges/verdict.hpp>

namespace kvco::test {

/// V5: revisions grow, and each entry is what is stored under its revision.
void check_order(const watch_record& watch, const history& ops, const stored_stream& truth,
                 const attribution& by, verdict& to);

/// V6: nothing is missing up to the last entry. What must come depends on where the watch started; what the bucket's own
/// rules have removed (history, purge) need not.
void check_complete(const watch_record& watch, const history& ops, const stored_stream& truth,
                    const attribution& by, verdict& to);

/// V7: the end of the initial data came once, and not before every key that was there when the watch was made.
void check_initial(const watch_record& watch, const history& ops, const stored_stream& truth, verdict& to);

/// V8: the watch has not ended by itself, and has seen this revision, which was put when all faults were over.
void check_live(const watch_record& watch, revision sentinel, verdict& to);

}  // namespace kvco::test
