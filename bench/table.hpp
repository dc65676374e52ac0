// Rows for people: the measurements, as they come.
#pragma once

#include <bench/runner.hpp>
#include <iosfwd>

namespace kvco::bench {

void print_heading(std::ostream& out);
void print_row(std::ostream& out, const row& one);

}  // namespace kvco::bench
