// The place of a problem in JSON.
#include <kvco/detail/read_json.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>

namespace kvco::detail {

bool json_problem::inside(std::string_view member) {
  path = concat(member, path.empty() || path.starts_with('[') ? "" : ".", path);
  return false;
}

bool json_problem::at(std::string_view key) {
  path = concat("[", printable(key), "]", path.empty() || path.starts_with('[') ? "" : ".", path);
  return false;
}

bool json_problem::at(std::size_t index) {
  path = concat("[", std::to_string(index), "]", path.empty() || path.starts_with('[') ? "" : ".", path);
  return false;
}

std::string json_problem::text() const { return path.empty() ? why : concat(path, ": ", why); }

}  // namespace kvco::detail
