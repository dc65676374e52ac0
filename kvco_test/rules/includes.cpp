#include <kvco_test/rules/includes.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace kvco::test {
namespace {

constexpr std::array<std::string_view, 6> layers = {"detail", "wire", "jetstream", "core", "net", "kv"};
constexpr std::array<std::string_view, 4> public_folders = {"auth", "observe", "messaging", "typed"};
constexpr std::array<std::string_view, 4> user_folders = {"app", "recipes", "testing", "cli"};
/// Of these, the ones whose headers are for programs.
constexpr std::array<std::string_view, 2> folders_for_programs = {"app", "recipes"};
constexpr std::array<std::string_view, 5> private_libraries = {"boost/beast", "boost/json", "boost/asio/ssl",
                                                               "openssl/", "absl/"};
/// Public, but not a part of the library.
constexpr std::string_view server_for_tests = "kvco/testing/nats_server.hpp";
/// A header that reaches this one starts operations.
constexpr std::string_view start_of_operations = "kvco/detail/operation.hpp";

template <std::size_t N>
std::optional<std::size_t> find(const std::array<std::string_view, N>& all, std::string_view one) {
  const auto at = std::find(all.begin(), all.end(), one);
  if (at == all.end()) return std::nullopt;
  return static_cast<std::size_t>(at - all.begin());
}

/// The first folder in kvco/ of a path that begins with it; empty for a file that is directly in kvco/.
std::string_view folder_of(std::string_view path) {
  path.remove_prefix(std::string_view("kvco/").size());
  const std::size_t end = path.find('/');
  return end == std::string_view::npos ? std::string_view() : path.substr(0, end);
}

bool is_in_kvco(std::string_view path) { return path.starts_with("kvco/"); }
bool is_public(std::string_view path) {
  return is_in_kvco(path) && (folder_of(path).empty() || find(public_folders, folder_of(path)));
}
bool is_header(std::string_view path) { return path.ends_with(".hpp"); }

bool is_user_code(std::string_view path) {
  if (is_in_kvco(path)) return find(user_folders, folder_of(path)).has_value();
  return path.starts_with("samples/") || path.starts_with("bench/user_file/") ||
         path.starts_with("bench/kvco_");
}

/// What each file of the tree includes, with what that includes in turn.
class include_graph {
 public:
  explicit include_graph(const std::vector<source>& tree) {
    for (const source& each : tree) {
      for (include& one : includes_of(each)) edges_[each.path].push_back(std::move(one.target));
    }
  }
  std::set<std::string> reached_from(const std::string& path) const {
    std::set<std::string> out;
    std::vector<std::string> open = {path};
    while (!open.empty()) {
      const auto found = edges_.find(open.back());
      open.pop_back();
      if (found == edges_.end()) continue;
      for (const std::string& next : found->second) {
        if (out.insert(next).second) open.push_back(next);
      }
    }
    return out;
  }

 private:
  std::map<std::string, std::vector<std::string>> edges_;
};

class layer_rule {
 public:
  explicit layer_rule(const std::vector<source>& tree) : graph_(tree) {}

  /// Why a file may not include this header of kvco; empty: it may.
  std::string against(std::string_view path, const std::string& target) const {
    if (is_user_code(path)) {
      const bool own = is_in_kvco(path) && folder_of(target) == folder_of(path);
      const bool offered = target == server_for_tests || find(folders_for_programs, folder_of(target));
      const bool for_programs = !is_in_kvco(path) && offered;
      return is_public(target) || own || for_programs ? "" : "user code includes public headers alone";
    }
    if (!is_in_kvco(path)) return {};
    if (is_public(path)) {
      const bool allowed = !is_header(path) || is_public(target) || folder_of(target) == "detail";
      return allowed ? "" : "a public header includes public headers and detail/";
    }
    const auto own = find(layers, folder_of(path));
    if (!own) return "which layer is this folder?";
    if (is_public(target)) return starts_operations(target) ? "a handle is above all layers" : "";
    const auto other = find(layers, folder_of(target));
    return other && *other <= *own ? "" : "upward";
  }

 private:
  bool starts_operations(const std::string& header) const {
    return graph_.reached_from(header).contains(std::string(start_of_operations));
  }

  include_graph graph_;
};

}  // namespace

std::vector<std::string> problems_of_layers(const std::vector<source>& tree) {
  const layer_rule rule(tree);
  std::vector<std::string> out;
  for (const source& each : tree) {
    for (const include& one : includes_of(each)) {
      std::string why;
      if (is_in_kvco(one.target)) why = rule.against(each.path, one.target);
      // A path that begins in the folder of the file would pass by the rule.
      if (one.quoted && is_in_kvco(each.path)) why = "kvco includes from its root, in angle brackets";
      if (!why.empty()) out.push_back(place_of(each, one.line) + ": includes " + one.target + ": " + why);
    }
  }
  return out;
}

std::vector<std::string> problems_of_public_headers(const std::vector<source>& tree) {
  const include_graph graph(tree);
  std::vector<std::string> out;
  for (const source& each : tree) {
    if (!is_public(each.path) || !is_header(each.path)) continue;
    for (const std::string& target : graph.reached_from(each.path)) {
      const auto is_of = [&](std::string_view library) { return target.starts_with(library); };
      if (std::any_of(private_libraries.begin(), private_libraries.end(), is_of))
        out.push_back(each.path + ": brings " + target);
    }
  }
  return out;
}

}  // namespace kvco::test
