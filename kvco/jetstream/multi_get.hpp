// Many keys with one request: direct get with multi_last (server 2.11), its body and its series of replies.
#pragma once

#include <cstdint>
#include <kvco/entry.hpp>
#include <kvco/error.hpp>
#include <kvco/wire/headers.hpp>
#include <string>
#include <string_view>

namespace kvco::jetstream {

/// The limits of one request.
struct multi_get_limits {
  std::size_t keys = 0;
  std::size_t request_bytes = 0;  // of the body
  std::uint64_t reply_bytes =
      0;  // the server ends the series behind the message with which it has sent so much
};

/// The body of a request, key by key: `{"multi_last":["$KV.b.k1","$KV.b.k2"],"max_bytes":4194304}`. Keys have to be
/// readable (UTF-8).
class multi_get_body {
 public:
  multi_get_body(std::string_view key_prefix, const multi_get_limits& limits);
  /// False: there is no room for it; if this is the first one, there never is.
  bool has_room(std::string_view key) const noexcept;
  void add(std::string_view key);
  std::size_t keys() const noexcept { return keys_; }
  std::string take();

 private:
  std::string_view prefix_;
  std::size_t max_keys_, max_bytes_;
  std::string end_, text_;
  std::size_t keys_ = 0;
};

enum class multi_get_kind : std::uint8_t {
  message,        // the last message of one of the keys, a tombstone perhaps
  end,            // 204 EOB: the last reply of the series
  none,           // 404 No Results, the only reply: no key has a message
  broken_off,     // 404 or 500 instead of a message: the server could not load it, and sends no details
  too_many,       // 413: more messages than it gives at once
  unknown,        // 408: a server that does not know multi_last (before 2.11)
  no_responders,  // 503
  failed,         // see code
};

/// One reply of the series.
struct multi_get_reply {
  multi_get_kind kind = multi_get_kind::failed;
  detail::entry_fields fields;  // message: views into the reply
  std::uint64_t pending = 0;    // message, end: the number of messages of the series after it, or left out
  revision previous = 0;        // message, end: the message before this one; 0: this is the first
  revision up_to = 0;  // end: the last revision of the stream at that time; 0: the server has not named it
  error_code code;
  std::string detail;
};

multi_get_reply parse_multi_get(std::string_view block, std::string_view payload,
                                std::string_view key_prefix);

}  // namespace kvco::jetstream
