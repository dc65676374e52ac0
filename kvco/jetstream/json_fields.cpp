// JSON of a reply -> typed values, for the decoders of replies.
#include <kvco/jetstream/json_fields.hpp>

#include <boost/json/value.hpp>

namespace kvco::jetstream {

namespace json = boost::json;

bool assign(const json::value& from, std::uint64_t& to) {
  if (from.is_uint64()) {
    to = from.get_uint64();
  } else if (from.is_int64() && from.get_int64() >= 0) {
    to = static_cast<std::uint64_t>(from.get_int64());
  } else {
    return false;
  }
  return true;
}

bool assign(const json::value& from, std::int64_t& to) {
  if (from.is_int64()) to = from.get_int64();
  return from.is_int64();
}

bool assign(const json::value& from, bool& to) {
  if (from.is_bool()) to = from.get_bool();
  return from.is_bool();
}

bool assign(const json::value& from, std::string_view& to) {
  if (from.is_string()) to = from.get_string();
  return from.is_string();
}

bool assign(const json::value& from, std::string& to) {
  std::string_view text;
  if (!assign(from, text)) return false;
  to = text;
  return true;
}

bool assign(const json::value& from, std::vector<std::string>& to) {
  if (!from.is_array()) return false;
  for (const json::value& item : from.get_array()) {
    if (!assign(item, to.emplace_back())) return false;
  }
  return true;
}

bool assign(const json::value& from, const json::object*& to) {
  to = from.if_object();
  return to != nullptr;
}

bool assign(const json::value& from, const json::array*& to) {
  to = from.if_array();
  return to != nullptr;
}

}  // namespace kvco::jetstream
