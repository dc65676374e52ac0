// What heavy tests share: much data at once, other clients on threads of their own, and the memory that it takes.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <kvco/kvco.hpp>
#include <kvco_test/support/server/run.hpp>
#include <string>
#include <string_view>
#include <thread>

namespace kvco::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

/// What a watch may add to the process, however many keys there are. AddressSanitizer keeps 256 MB of freed memory, its
/// shadow, and red zones around each block (it was seen to keep 327 MB in all, where without it 0.3 MB are added).
inline constexpr double memory_limit_mb = sanitized ? 2 * 64 + 256 : 64;

/// Resident memory of this process (/proc/self/statm).
double resident_mb();

/// Remembers by how much resident memory has grown at most.
class memory_meter {
 public:
  memory_meter() : begin_(resident_mb()) {}
  void look() { most_ = std::max(most_, resident_mb() - begin_); }
  double most() const { return most_; }

 private:
  double begin_, most_ = 0;
};

/// Another client: `what` with a connection, a reactor and a thread of its own.
class other_client {
 public:
  using client_work = std::function<asio::awaitable<void>(client&)>;

  other_client(config settings, client_work what);
  ~other_client();
  other_client(const other_client&) = delete;
  other_client& operator=(const other_client&) = delete;

  bool done() const { return done_; }
  /// Waits for its end and throws what it threw.
  void join();

 private:
  std::atomic<bool> done_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

/// Puts `key(i)` for i in [begin, end) over a raw socket, many in flight. The revisions are in that order.
void preload(const std::string& url, std::string_view bucket, std::size_t begin, std::size_t end,
             const std::function<std::string(std::size_t)>& key, std::size_t value_size);

}  // namespace kvco::test
