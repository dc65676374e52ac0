// The summary of a run. See the header.
#include <kvco_test/chaos/report.hpp>

#include <absl/strings/str_join.h>
#include <array>
#include <iomanip>
#include <map>

namespace kvco::chaos {
namespace {

using test::action_count;
using test::operation_record;
using test::result;

double seconds(duration time) { return std::chrono::duration<double>(time).count(); }

void print_operations(std::ostream& out, const test::history& notes, std::size_t contradicted) {
  std::array<std::array<std::size_t, 4>, action_count> counts{};
  std::map<std::string, std::size_t> reasons;
  duration slowest{};
  for (const operation_record& op : notes.operations) {
    ++counts[static_cast<std::size_t>(op.what)][static_cast<std::size_t>(op.how)];
    if (op.code) ++reasons[op.code.message()];
    if (op.how == result::ok) slowest = std::max<duration>(slowest, op.end - op.begin);
  }
  out << "operations " << std::setw(28) << "ok" << std::setw(10) << "refused" << std::setw(10) << "unknown\n";
  for (std::size_t what = 0; what < action_count; ++what) {
    const auto& one = counts[what];
    out << "  " << std::left << std::setw(27) << to_string(static_cast<test::action>(what)) << std::right
        << std::setw(10) << one[1] << std::setw(10) << one[2] << std::setw(10) << one[3] << "\n";
  }
  out << "  the slowest that succeeded took " << seconds(slowest) * 1e3 << " ms\n";
  if (contradicted != 0) {
    out << "  " << contradicted
        << " were answered by an old leader beside the new one (seen on the wire): the servers' doing\n";
  }
  for (const auto& [why, count] : reasons) out << "  " << std::setw(8) << count << " x " << why << "\n";
}

void print_watches(std::ostream& out, const test::history& notes, const crowd& people,
                   std::size_t told_early_end) {
  out << "watches\n";
  std::size_t short_ones = 0, entries = 0;
  for (const test::watch_record& one : notes.watches) {
    if (!people.last_values().contains(&one)) {
      ++short_ones;
      entries += one.entries.size();
      continue;
    }
    out << "  " << std::left << std::setw(27) << one.name << std::right << std::setw(10) << one.entries.size()
        << " entries, " << one.initial_size << " of them initial\n";
  }
  out << "  " << short_ones << " short ones with " << entries << " entries; "
      << people.watches_that_never_stood() << " could not be set up in time\n";
  if (told_early_end != 0) {
    out << "  " << told_early_end
        << " were told an earlier end by an old leader (seen on the wire): the servers' doing\n";
  }
  out << "  the last values were seen by all after " << seconds(people.slowest_sight()) << " s\n";
}

}  // namespace

void print(std::ostream& out, const options& wanted, const findings& found, const test::history& notes,
           const crowd& people, const faults& trouble) {
  out << std::fixed << std::setprecision(1);
  out << "chaos on three nodes of nats-server " << found.server_version << ", seed " << wanted.seed << "\n\n";
  if (!wanted.without.empty()) {
    out << "left out: " << absl::StrJoin(wanted.without, ", ") << "\n\n";
  }
  out << trouble.count() << " faults in " << seconds(wanted.duration) << " s\n";
  for (const auto& [name, count] : trouble.counts()) out << std::setw(6) << count << " x " << name << "\n";
  out << "\n"
      << notes.operations.size() << " operations in " << found.seconds << " s, "
      << static_cast<double>(notes.operations.size()) / found.seconds
      << " per second; before the first fault " << found.rate_before << "\n";
  print_operations(out, notes, found.contradicted);
  out << "\n" << found.stored << " revisions are kept, of " << notes.key_count() << " keys\n\n";
  print_watches(out, notes, people, found.told_early_end);
  out << "\nclients: " << client_count << ", " << people.reconnects() << " reconnects, " << found.dials.dials
      << " dials, at most " << found.dials.in_a_second
      << " of one client in a second; reactor late by at most " << seconds(people.lag()) * 1e3 << " ms\n\n";
  if (found.orphans != 0) {
    out << found.orphans << " consumers are still counted; one that no node runs is the servers' doing\n\n";
  }
  if (found.violations.clean()) {
    out << "no violation\n";
  } else {
    out << found.violations.text() << "to repeat it: " << wanted.to_repeat("chaos") << "\n";
  }
}

}  // namespace kvco::chaos
