// Any bytes as names and filters, separated by line feeds: the rules agree with each other, and a plan delivers
// exactly what its filters ask for.
#include <kvco/core/server_url.hpp>
#include <kvco/jetstream/keys.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace kvco::jetstream;

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (lines.size() < 8) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

void check_names(const std::string& name) {
  const refusal key = check_key(name);
  require(is_valid_key(name) == !key);
  require(is_readable_key(name) == !check_readable_key(name));
  if (!key) require(!check_filter(name) && is_readable_key(name));
  if (!check_bucket_name(name)) require(is_valid_key(name));
  for (const refusal& refused :
       {key, check_readable_key(name), check_filter(name), check_bucket_name(name)}) {
    require(refused.detail.size() < 400);
    require(std::all_of(refused.detail.begin(), refused.detail.end(), is_plain));
  }
}

bool any_matches(const std::vector<std::string>& filters, const std::string& key) {
  return std::any_of(filters.begin(), filters.end(), [&](const std::string& f) { return matches(f, key); });
}

void check_plan(const std::vector<std::string>& filters, const std::vector<std::string>& keys, bool lists) {
  const filter_plan plan = plan_filters(filters, lists);
  require(lists || plan.server.size() <= 1);
  for (std::size_t a = 0; a < plan.server.size(); ++a) {
    require(!check_filter(plan.server[a]));
    for (std::size_t b = 0; b < a; ++b) require(!overlaps(plan.server[a], plan.server[b]));
  }
  for (const std::string& key : keys) {
    const bool kept = plan.client.empty() || any_matches(plan.client, key);
    require((any_matches(plan.server, key) && kept) == any_matches(filters, key));
  }
}

}  // namespace

// fault: 64
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> filters, keys;
  for (const std::string& line : lines_of(text)) {
    check_names(line);
    if (!check_filter(line)) filters.push_back(line);
    if (is_valid_key(line)) keys.push_back(line);
  }
  for (const std::string& a : filters) {
    for (const std::string& b : filters) {
      require(overlaps(a, b) == overlaps(b, a));
      require(!covers(a, b) || overlaps(a, b));
    }
    for (const std::string& key : keys) require(matches(a, key) == covers(a, key));
  }
  check_plan(filters, keys, true);
  check_plan(filters, keys, false);
  const auto urls = kvco::core::parse_server_urls(text);
  require(urls.servers.empty() == static_cast<bool>(urls.refused));
  return 0;
}
