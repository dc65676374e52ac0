// A client that does no work at all: one blocking socket, requests encoded beforehand, replies only counted. What the
// server gives to it is the floor that kvco is measured against. Plain POSIX: shares no code with kvco.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kvco::bench {

/// What a piece of work took: by the wall clock, and of processor time of the calling thread.
struct cost {
  double seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t count = 0;

  double per_second() const { return static_cast<double>(count) / seconds; }
  double cpu_microseconds() const { return cpu_seconds / static_cast<double>(count) * 1e6; }
};

/// Measures from its construction on.
class stopwatch {
 public:
  stopwatch();
  cost stop(std::uint64_t count) const;

 private:
  double wall_, cpu_;
};

/// Every call throws std::runtime_error on -ERR, on a reply that tells an error, and on a silence of 30 s.
class raw_client {
 public:
  /// @param url  nats://host:port
  explicit raw_client(std::string_view url);
  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// One request to the JetStream API; the payload of its reply.
  std::string request(std::string_view subject, std::string_view payload);

  /// Where replies of pipelined requests go: the reply subject to encode.
  std::string_view reply_subject() const { return "R"; }

  enum class reply {
    pub_ack,     ///< {"stream":"..","seq":..}
    direct_get,  ///< a stored message: headers without a status
  };
  /// Sends `total` requests, at most `window` of them unanswered. `append(out, i)` appends the bytes of request i.
  cost pipeline(std::size_t total, std::size_t window, reply kind,
                const std::function<void(std::string& out, std::size_t i)>& append);

  /// Makes a consumer as a watch of all keys does, and counts messages until `total` came. Flow control is
  /// answered at once.
  cost snapshot(std::string_view bucket, std::size_t total, bool headers_only = false);

 private:
  struct frame {
    std::string_view line;  // without CRLF
    std::string_view header, payload;
  };

  void connect(const std::string& host, const std::string& port);
  void send(std::string_view bytes);
  void fill();
  /// The next whole frame in the buffer; false: more has to be read first. Answers PING.
  bool next(frame& found);
  frame wait();

  int socket_ = -1;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t names_ = 0;
};

/// The bytes of a put, to be answered at `reply_subject`.
std::string encode_put(std::string_view bucket, std::string_view key, std::string_view value,
                       std::string_view reply_subject);
std::string encode_get(std::string_view bucket, std::string_view key, std::string_view reply_subject);

}  // namespace kvco::bench
