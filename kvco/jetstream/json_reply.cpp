// A reply of the JetStream API: one JSON object that holds either an error or an answer.
#include <kvco/jetstream/json_reply.hpp>

#include <boost/json/parse.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <limits>

namespace kvco::jetstream {
namespace {

namespace json = boost::json;

// {"code":400,"err_code":10071,"description":"wrong last sequence: 3"}. A server before 2.8, or a proxy, may leave
// err_code out: then the HTTP-like code is the best there is.
reply_failure server_error(const json::value& error, std::string_view text) {
  std::uint64_t code = 0, err_code = 0;
  std::string description;
  std::string_view fault;
  const json::object* object = nullptr;
  if (!assign(error, object)) return malformed("error", text);
  json_fields fields(object, fault);
  fields.read("code", code);
  fields.read("err_code", err_code);
  fields.read("description", description);
  if (err_code == 0) err_code = code;
  if (err_code == 0 || err_code > std::numeric_limits<std::int32_t>::max()) fields.blame("err_code");
  if (!fault.empty()) return malformed(fault, text);
  return {error_code(static_cast<int>(err_code), jetstream_category()), std::move(description)};
}

}  // namespace

reply_failure malformed(std::string_view what, std::string_view text) {
  return {client_error::malformed_reply, detail::concat("field ", what, " of ", detail::printable(text))};
}

json_reply::json_reply(std::string_view text) : text_(text), value_(&memory_) {
  error_code error;
  value_ = json::parse(text, error, &memory_);
  if (error) value_ = nullptr;
}

reply_failure json_reply::failure() const {
  const json::object* object = value_.if_object();
  if (!object) {
    return {client_error::malformed_reply, detail::concat("no JSON object: ", detail::printable(text_))};
  }
  // Looked at first: the ack of a refused publish has "stream" and "seq":0 as well.
  const json::value* error = object->if_contains("error");
  return error && !error->is_null() ? server_error(*error, text_) : reply_failure{};
}

outcome<bool> find_error(std::string_view json) {
  outcome<bool> found;
  reply_failure failure = json_reply(json).failure();
  if (failure.code.category() != jetstream_category()) return found;
  found.code = failure.code;
  found.detail = std::move(failure.detail);
  return found;
}

}  // namespace kvco::jetstream
