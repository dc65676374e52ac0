// Entries as JSON, and as events of a stream (text/event-stream).
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <kvco/entry.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "event_id.hpp"

namespace gateway {

/// "put", "erase" or "purge".
std::string_view name_of(kvco::operation what) noexcept;

/// key, revision, operation, created, size, and the value: `value` if it is UTF-8, otherwise `value_base64`. A value of more than
/// `max_value` bytes is left out and `truncated` is set.
boost::json::object json_of(const kvco::entry& from, std::size_t max_value);

/// An event as it is sent to every viewer. Shared by all of them.
struct live_event {
  std::string key;
  event_place place{};
  bool removes = false;  ///< the key has no value after it
  std::string id{};      ///< the line with its id; empty for entries that were there when the feed began
  std::string text{};    ///< the lines after it
};
using event_ptr = std::shared_ptr<const live_event>;

/// An event `entry`, without its id.
std::shared_ptr<live_event> event_of(const kvco::entry& from);
/// An event `entry`, without its id, for the removal of a key that has left no trace in the bucket: it has expired.
std::shared_ptr<live_event> expired_event(std::string key, event_place place);

/// The line with the id of an event, before those of event_text().
std::string id_line(const event_id& id);
std::string event_text(std::string_view name, const boost::json::object& data);

}  // namespace gateway
