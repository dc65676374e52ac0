// A reply of the JetStream API: one JSON object that holds either an error or an answer.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <kvco/jetstream/json_fields.hpp>
#include <kvco/jetstream/replies.hpp>

namespace kvco::jetstream {

/// An error, to be moved into an outcome. No code: no error.
struct reply_failure {
  error_code code;
  std::string detail;
};

/// malformed_reply, with a description of the error and the text.
reply_failure malformed(std::string_view what, std::string_view text);

/// The document, in memory that starts on the stack: most replies need no allocation beside it.
class json_reply {
 public:
  explicit json_reply(std::string_view text);
  json_reply(const json_reply&) = delete;
  json_reply& operator=(const json_reply&) = delete;

  /// The object; only where failure() has no code.
  const boost::json::object& object() const { return value_.get_object(); }
  /// It is no JSON object, or the server's error: err_code as a code of jetstream_category, description as detail.
  reply_failure failure() const;

 private:
  std::string_view text_;
  unsigned char buffer_[4096];
  boost::json::monotonic_resource memory_{buffer_, sizeof(buffer_)};
  boost::json::value value_;
};

/// Decodes with `read(json_fields&, T&)`.
template <class T, class Read>
outcome<T> decode(std::string_view text, Read read) {
  outcome<T> result;
  json_reply reply(text);
  reply_failure failure = reply.failure();
  if (!failure.code) {
    std::string_view fault;
    json_fields fields(&reply.object(), fault);
    read(fields, result.value);
    if (!fault.empty()) failure = malformed(fault, text);
  }
  if (failure.code) {
    result.value = T{};
    result.code = failure.code;
    result.detail = std::move(failure.detail);
  }
  return result;
}

}  // namespace kvco::jetstream
