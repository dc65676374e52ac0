// The verbs, each defined in the file of its name or family.
#pragma once

#include <kvco/cli/verb.hpp>

namespace kvco::cli {

extern const verb ls_verb, add_verb, edit_verb, info_verb, compact_verb;
extern const verb get_verb, put_verb, create_verb, update_verb, del_verb, purge_verb;
extern const verb history_verb, revert_verb, keys_verb, watch_verb;
extern const verb export_verb, import_verb, cp_verb, diff_verb;
extern const verb lock_verb, exec_on_change_verb;
extern const verb bench_verb, top_verb, completion_verb, man_verb, complete_verb;

}  // namespace kvco::cli
