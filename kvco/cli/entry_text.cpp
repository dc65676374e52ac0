// Entries -> the tables and blocks of the nats tool. See the header.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/json_line.hpp>

#include <algorithm>

namespace kvco::cli {
namespace {

constexpr std::size_t longest_value = 40, shown_at_each_end = 15;

/// A long value has its beginning and its end.
std::string shortened(std::string_view value) {
  const std::string text = shown_in_a_line(value);
  if (width_of(text) <= longest_value) return text;
  if (text.size() != width_of(text))
    return cut_to(text, longest_value);  // characters of several bytes are not taken apart
  return text.substr(0, shown_at_each_end) + "..." + text.substr(text.size() - shown_at_each_end);
}

}  // namespace

std::string lines_of_keys(std::vector<std::string> keys, bool as_json) {
  std::sort(keys.begin(), keys.end());
  std::string out;
  for (const std::string& key : keys)
    out += as_json ? json_line().bytes("key", key).line() : shown_in_a_line(key) + "\n";
  return out;
}

table table_of_history(const std::string& bucket, const std::string& key, const std::vector<entry>& all) {
  table out("History for " + bucket + " > " + key,
            {{"Key"}, {"Revision", true}, {"Op"}, {"Created"}, {"Length"}, {"Value"}});
  for (const entry& each : all)
    out.add({shown_in_a_line(each.key()), std::to_string(each.revision()),
             std::string(name_of(each.operation())), local_time(each.created()),
             with_commas(each.value_size()), shortened(each.value())});
  return out;
}

table table_of_contents(const std::string& bucket, const std::vector<entry>& all, bool values) {
  std::vector<column> columns = {{"Key"}, {"Created"}, {"Delta", true}, {"Revision", true}};
  if (values) columns.push_back({"Value"});
  table out("Contents for bucket '" + bucket + "'", std::move(columns));
  for (const entry& each : all) {
    std::vector<std::string> cells = {shown_in_a_line(each.key()), local_time(each.created()),
                                      std::to_string(each.delta()), std::to_string(each.revision())};
    if (values) cells.push_back(shortened(each.value()));
    out.add(std::move(cells));
  }
  return out;
}

std::string block_of(const entry& e) {
  return std::string(e.bucket()) + " > " + shown_in_a_line(e.key()) + " created @ " +
         rfc822_time(e.created()) + "\n\n" + shown(e.value()) + "\n";
}

std::string json_of_meta(const entry& e) {
  return json_line()
      .text("bucket", e.bucket())
      .bytes("key", e.key())
      .number("revision", e.revision())
      .text("created", rfc3339_time(e.created()))
      .number("size", e.value_size())
      .line();
}

}  // namespace kvco::cli
