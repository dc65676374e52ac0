// One line of an export. See the header.
#include <absl/strings/escaping.h>
#include <boost/json.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/record.hpp>

#include <array>
#include <stdexcept>

namespace kvco::cli {
namespace {

namespace json = boost::json;

std::invalid_argument wrong(const std::string& rule) { return std::invalid_argument(rule); }

const json::string* text_of(const json::object& in, std::string_view name) {
  const json::value* const found = in.if_contains(name);
  if (found == nullptr) return nullptr;
  if (!found->is_string()) throw wrong("\"" + std::string(name) + "\" must be a string");
  return &found->get_string();
}

operation operation_of(const json::object& in) {
  const json::string* const text = text_of(in, "operation");
  if (text == nullptr) return operation::put;
  for (const operation each : {operation::put, operation::erase, operation::purge}) {
    if (name_of(each) == std::string_view(*text)) return each;
  }
  throw wrong("\"operation\" must be PUT, DELETE or PURGE");
}

/// The member `name`, or the bytes that `name`_base64 encodes.
std::string bytes_of(const json::object& in, const std::string& name) {
  const std::string encoded_name = name + "_base64";
  const json::string* const text = text_of(in, name);
  const json::string* const encoded = text_of(in, encoded_name);
  if ((text == nullptr) == (encoded == nullptr))
    throw wrong("must have either \"" + name + "\" or \"" + encoded_name + "\"");
  if (text != nullptr) return std::string(*text);
  std::string out;
  if (!absl::Base64Unescape(absl::string_view(encoded->data(), encoded->size()), &out))
    throw wrong("\"" + encoded_name + "\" must be base64");
  return out;
}

}  // namespace

record parse_record(std::string_view line) {
  std::array<unsigned char, 4096> memory;  // of a line with a short value: nothing is allocated
  json::monotonic_resource parts(memory.data(), memory.size());
  boost::system::error_code error;
  const json::value parsed = json::parse(line, error, &parts);
  if (error || !parsed.is_object()) throw wrong("must be one JSON object");
  const json::object& in = parsed.get_object();
  record out{.key = bytes_of(in, "key"), .op = operation_of(in)};
  if (out.op == operation::put) out.value = bytes_of(in, "value");
  return out;
}

record record_of(const entry& e) { return {std::string(e.key()), std::string(e.value()), e.operation()}; }

}  // namespace kvco::cli
