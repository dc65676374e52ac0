// What a client sends, judged by the letter of the protocol: shares no code with kvco/wire.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

/// One complete operation of the client. HPUB is a pub with a header.
struct client_frame {
  enum class verb { connect, ping, pong, sub, unsub, pub };
  verb what = verb::ping;
  std::string text;  // CONNECT's JSON
  std::string subject, reply, header, payload;
  std::uint64_t sid = 0;
};

/// Reads the bytes of one connection. Everything that the documentation does not allow is an error, also where a real
/// server would let it pass: upper case, single blanks, numbers without leading zeros, whole valid header blocks, subjects
/// without empty tokens or control characters, wildcards in subscriptions only, sids never used twice.
class client_frame_parser {
 public:
  explicit client_frame_parser(std::size_t max_payload = 1u << 20) : max_payload_(max_payload) {}

  std::vector<client_frame> feed(std::string_view bytes);
  /// Empty, or what was wrong with which bytes. After an error nothing is read any more.
  const std::string& error() const noexcept { return error_; }
  /// A frame has begun and is not complete.
  bool partial() const noexcept { return at_ != buffer_.size(); }
  void set_max_payload(std::size_t size) noexcept { max_payload_ = size; }

 private:
  bool take_frame(client_frame& frame);
  bool take_line(client_frame& frame, std::string_view line, std::size_t line_size);
  bool take_pub(client_frame& frame, const std::vector<std::string_view>& words, std::size_t line_size);
  bool take_sub(client_frame& frame, const std::vector<std::string_view>& words);
  bool fail(std::string_view why, std::string_view where);

  std::string buffer_, error_;
  std::size_t at_ = 0;  // where the next frame begins
  std::set<std::uint64_t> open_sids_;
  std::uint64_t last_sid_ = 0;
  std::size_t max_payload_;
  bool connected_ = false;
};

/// Is `subject` one that a client may publish to (or, with wildcards, subscribe to)?
bool is_strict_subject(std::string_view subject, bool wildcards);
/// Does a subscription to `pattern` get what is published to `subject`?
bool subject_matches(std::string_view pattern, std::string_view subject);
/// The first value of a header field; empty if there is none.
std::string header_value(std::string_view block, std::string_view name);

}  // namespace kvco::test
