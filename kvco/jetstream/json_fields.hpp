// JSON of a reply -> typed values, for the decoders of replies.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::jetstream {

// A value of the right type; false for every other. A number of the server is an integer of 64 bits:
// Boost.JSON holds it as int64 if it fits, else as uint64, and a number written as 1.5 or 1e3, or beyond 64
// bits, as double.
bool assign(const boost::json::value& from, std::uint64_t& to);
bool assign(const boost::json::value& from, std::int64_t& to);
bool assign(const boost::json::value& from, bool& to);
bool assign(const boost::json::value& from, std::string_view& to);  // into the document
bool assign(const boost::json::value& from, std::string& to);
bool assign(const boost::json::value& from, std::vector<std::string>& to);
bool assign(const boost::json::value& from, const boost::json::object*& to);
bool assign(const boost::json::value& from, const boost::json::array*& to);

/// Fields of one object, taken by name. Null counts as missing (Go's empty list). `fault` gets the name of the
/// first one that was required and missing, or had another type; share it among the objects of one document.
class json_fields {
 public:
  /// @param object  nullptr: one without fields.
  json_fields(const boost::json::object* object, std::string_view& fault) : object_(object), fault_(fault) {}

  /// Leaves `to` as it is if there is no such field. The name must be a literal.
  template <class T>
  void read(const char* name, T& to) {
    if (const auto* value = find(name); value && !assign(*value, to)) blame(name);
  }
  template <class T>
  void require(const char* name, T& to) {
    const auto* value = find(name);
    if (!value || !assign(*value, to)) blame(name);
  }
  /// The fields of an object inside this one.
  json_fields inside(const char* name) {
    const boost::json::object* object = nullptr;
    read(name, object);
    return {object, fault_};
  }
  /// The fields of an object in a list.
  json_fields of(const boost::json::value& item) {
    const boost::json::object* object = nullptr;
    if (!assign(item, object)) blame("item");
    return {object, fault_};
  }
  /// For rules beyond types.
  void blame(const char* name) {
    if (fault_.empty()) fault_ = name;
  }

 private:
  const boost::json::value* find(const char* name) const {
    const auto* value = object_ ? object_->if_contains(name) : nullptr;
    return value && !value->is_null() ? value : nullptr;
  }

  const boost::json::object* object_;
  std::string_view& fault_;
};

}  // namespace kvco::jetstream
