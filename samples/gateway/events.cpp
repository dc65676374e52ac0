#include "events.hpp"

#include <boost/json/serialize.hpp>

#include "text.hpp"

namespace gateway {

constexpr std::size_t max_value_in_event = 64 * 1024;

std::string_view name_of(kvco::operation what) noexcept {
  if (what == kvco::operation::put) return "put";
  return what == kvco::operation::erase ? "erase" : "purge";
}

boost::json::object json_of(const kvco::entry& from, std::size_t max_value) {
  boost::json::object out;
  if (is_utf8(from.key())) {
    out["key"] = from.key();
  } else {
    out["key_base64"] = base64(from.key());
  }
  out["revision"] = from.revision();
  out["operation"] = name_of(from.operation());
  out["created"] = iso_date(from.created());
  if (from.operation() != kvco::operation::put) return out;
  out["size"] = from.value_size();
  if (from.value().size() != from.value_size()) return out;  // read without its value
  if (from.value_size() > max_value) {
    out["truncated"] = true;
  } else if (is_utf8(from.value())) {
    out["value"] = from.value();
  } else {
    out["value_base64"] = base64(from.value());
  }
  return out;
}

std::string event_text(std::string_view name, const boost::json::object& data) {
  std::string out = "event: ";
  out += name;
  out += "\ndata: ";
  out += boost::json::serialize(data);  // line ends within strings are escaped: the data is one line
  out += "\n\n";
  return out;
}

std::string id_line(const event_id& id) { return "id: " + to_string(id) + "\n"; }

std::shared_ptr<live_event> event_of(const kvco::entry& from) {
  auto out = std::make_shared<live_event>();
  out->key = from.key();
  out->place = {from.revision()};
  out->removes = from.operation() != kvco::operation::put;
  out->text = event_text("entry", json_of(from, max_value_in_event));
  return out;
}

std::shared_ptr<live_event> expired_event(std::string key, event_place place) {
  auto out = std::make_shared<live_event>();
  out->place = place;
  out->removes = true;
  boost::json::object data;
  data["key"] = key;
  data["operation"] = "expired";
  out->text = event_text("entry", data);
  out->key = std::move(key);
  return out;
}

}  // namespace gateway
