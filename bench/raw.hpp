// A client that does no work at all: one socket, requests encoded beforehand, replies only counted. Its
// results are the floor that kvco is measured against. It shares no code with kvco.
#pragma once

#include <bench/raw_line.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kvco::bench {

/// Every call throws std::runtime_error on -ERR, on a reply with an error, and on a silence of 30 s.
class raw_client {
 public:
  /// @param url  scheme://user:password@host:port, with nats, tls, ws or wss; the user is optional
  explicit raw_client(std::string_view url);
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// Of the server.
  const std::string& version() const { return version_; }

  /// From now on -ERR is a frame.
  void take_errors() noexcept { takes_errors_ = true; }

  /// One request to the JetStream API; the payload of its reply.
  std::string request(std::string_view subject, std::string_view payload);

  /// Where replies of pipelined requests go: the reply subject to encode. Replies to `L.<number>` come, too.
  std::string_view reply_subject() const { return "R.0000000000"; }
  /// Writes a number into the reply subject that ends at `end`: each request has its own, as in every client
  /// that distinguishes replies. It costs the server time: with one subject for all it answers up to half as
  /// many again.
  static void number_reply(std::string& out, std::size_t end, std::uint64_t number);

  enum class reply {
    pub_ack,     ///< {"stream":"..","seq":..}
    direct_get,  ///< a stored message: headers without a status
  };
  struct frame {
    std::string_view line;  // without CRLF
    std::string_view header, payload;
    /// Of MSG and HMSG.
    std::string_view subject() const;
  };
  /// Throws if the reply is not of the given `kind`.
  static void check(reply kind, const frame& answer);
  /// Sends `total` requests, at most `window` of them unanswered. `append(out, i)` appends the bytes of request i,
  /// `on_reply(frame)` gets every message that comes; it returns whether that was the answer to a request.
  void pipeline(std::size_t total, std::size_t window,
                const std::function<void(std::string& out, std::size_t i)>& append,
                const std::function<bool(const frame&)>& on_reply);
  void pipeline(std::size_t total, std::size_t window, reply kind,
                const std::function<void(std::string& out, std::size_t i)>& append);

  void send(std::string_view bytes);
  /// Waits for the next frame. Answers PING.
  frame wait();
  using time_point = std::chrono::steady_clock::time_point;
  /// Waits until bytes have come; false: none did until then.
  bool fill(time_point until);
  /// The next whole frame among the bytes that have come; false: more has to be read first.
  bool next(frame& found);

 private:
  void fill();

  std::unique_ptr<raw_line> line_;
  std::string buffer_, version_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t names_ = 0;
  bool takes_errors_ = false;
};

/// The bytes of a put, to be answered at `reply_subject`.
std::string encode_put(std::string_view bucket, std::string_view key, std::string_view value,
                       std::string_view reply_subject);
std::string encode_get(std::string_view bucket, std::string_view key, std::string_view reply_subject);

}  // namespace kvco::bench
