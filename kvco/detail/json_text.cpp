// JSON for codecs: values and their names by Boost.JSON, brackets and numbers by the writer.
#include <kvco/detail/json_text.hpp>

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <kvco/detail/number_text.hpp>
#include <kvco/detail/utf8.hpp>
#include <stdexcept>

namespace kvco::detail {
namespace {

namespace json = boost::json;

template <class Number>
void check_finite(Number value) {
  if (!std::isfinite(value)) throw std::invalid_argument("JSON has no number for NaN or infinity");
}

const json::value& of(const void* value) noexcept { return *static_cast<const json::value*>(value); }

}  // namespace

void json_writer::separate() {
  if (!is_first_) text_ += ',';
  is_first_ = false;
}

void json_writer::item(std::string_view token) {
  separate();
  text_ += token;
}

void json_writer::integer(std::int64_t value) { item(number_text(value)); }
void json_writer::integer(std::uint64_t value) { item(number_text(value)); }
void json_writer::real(float value) {
  check_finite(value);
  item(number_text(value));
}
void json_writer::real(double value) {
  check_finite(value);
  item(number_text(value));
}

void json_writer::text(std::string_view value) {
  if (find_no_utf8(value) != value.npos) throw std::invalid_argument("JSON has no text that is not UTF-8");
  item(json::serialize(json::string_view(value.data(), value.size())));
}

void json_writer::begin(char bracket) {
  separate();
  text_ += bracket;
  is_first_ = true;
}
void json_writer::end(char bracket) {
  text_ += bracket;
  is_first_ = false;
}
void json_writer::name(std::string_view member) {
  text(member);
  text_ += ':';
  is_first_ = true;
}

bool json_node::is_null() const noexcept { return of(value_).is_null(); }
bool json_node::is_object() const noexcept { return of(value_).is_object(); }
bool json_node::is_array() const noexcept { return of(value_).is_array(); }

std::optional<bool> json_node::boolean() const noexcept {
  const bool* found = of(value_).if_bool();
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

std::optional<json_node::number_type> json_node::number() const noexcept {
  const json::value& value = of(value_);
  if (const auto* found = value.if_int64()) return *found;
  if (const auto* found = value.if_uint64()) return *found;
  if (const auto* found = value.if_double()) return *found;
  return std::nullopt;
}

std::optional<std::string_view> json_node::text() const noexcept {
  const json::string* found = of(value_).if_string();
  if (found == nullptr) return std::nullopt;
  return std::string_view(found->data(), found->size());
}

std::size_t json_node::size() const noexcept {
  if (const json::array* array = of(value_).if_array()) return array->size();
  const json::object* object = of(value_).if_object();
  return object != nullptr ? object->size() : 0;
}

json_node json_node::at(std::size_t index) const noexcept {
  if (const json::array* array = of(value_).if_array()) return json_node(&(*array)[index]);
  return json_node(&of(value_).get_object().begin()[index].value());
}

std::string_view json_node::name_at(std::size_t index) const noexcept {
  const auto name = of(value_).get_object().begin()[index].key();
  return {name.data(), name.size()};
}

json_node json_node::member(std::string_view name) const noexcept {
  return json_node(of(value_).get_object().if_contains(json::string_view(name.data(), name.size())));
}

std::optional<std::string> read_json(std::string_view text, void (*use)(json_node, void*), void* context) {
  // A document of ordinary size needs no memory but this.
  std::array<unsigned char, 4096> room;
  std::array<unsigned char, 1024> parser_room;
  json::monotonic_resource memory(room.data(), room.size());
  json::parser parser(json::storage_ptr(), json::parse_options(), parser_room.data(), parser_room.size());
  parser.reset(&memory);
  boost::system::error_code error;
  const std::size_t position = parser.write_some(text.data(), text.size(), error);
  if (!error && position < text.size()) error = json::error::extra_data;
  if (error) return "no JSON at byte " + std::to_string(position) + ": " + error.message();
  const json::value value = parser.release();
  use(json_node(&value), context);
  return std::nullopt;
}

}  // namespace kvco::detail
