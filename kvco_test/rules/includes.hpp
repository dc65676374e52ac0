// Who may include whom.
//
// The private folders of kvco/ are layers: detail < wire < jetstream < core < net < kv. Each includes itself and what is below it. All
// may include the public headers of values (errors, options, entries); not those of handles, which start operations and so are above
// all layers. Public headers include public headers and detail/, public sources everything. User code includes public headers alone:
// samples, the users in bench/, and the parts of kvco/ that are written like a user's program.
#pragma once

#include <kvco_test/rules/tree.hpp>
#include <string>
#include <vector>

namespace kvco::test {

std::vector<std::string> problems_of_layers(const std::vector<source>& tree);

/// What public headers bring with them, directly or through other headers of kvco: the libraries that only the implementation uses
/// are not among it.
std::vector<std::string> problems_of_public_headers(const std::vector<source>& tree);

}  // namespace kvco::test
