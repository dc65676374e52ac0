// An operation with an observer: config::observe().
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/entry.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>
#include <kvco/observe/operations.hpp>
#include <kvco/snapshot.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::net {

class observation {
 public:
  observation(std::shared_ptr<session> owner, const operation_start& start, std::size_t bytes_sent);
  observation(observation&&) noexcept = default;
  void end(const error_code& code, std::size_t bytes_received);

 private:
  std::shared_ptr<session> session_;
  std::shared_ptr<operation_observer> observer_;
  operation_kind kind_;
  std::string bucket_, key_;
  std::size_t bytes_sent_;
  core::time_point begun_;
  std::uintptr_t tag_ = 0;
};

// The bytes of the values in a result.
template <class T>
std::size_t bytes_of(const T&) noexcept {
  return 0;
}
inline std::size_t bytes_of(const entry& e) noexcept { return e.value().size(); }
inline std::size_t bytes_of(const std::optional<entry>& e) noexcept { return e ? bytes_of(*e) : 0; }
template <class T>
std::size_t bytes_of(const std::vector<T>& all) noexcept {
  std::size_t sum = 0;
  for (const T& each : all) sum += bytes_of(each);
  return sum;
}

inline std::size_t bytes_of(const snapshot& all) noexcept { return bytes_of(all.entries); }

/// Does the work, and reports how it ended.
template <class T>
asio::awaitable<T> observe(asio::awaitable<T> work, observation seen) {
  std::exception_ptr thrown;
  error_code code;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(work);
      seen.end({}, 0);
      co_return;
    } else {
      T value = co_await std::move(work);
      seen.end({}, bytes_of(value));
      co_return value;
    }
  } catch (const boost::system::system_error& error) {
    thrown = std::current_exception();
    code = error.code();
  }
  seen.end(code, 0);
  std::rethrow_exception(thrown);
}

/// make_task() for an operation of this kind.
template <class... Ts, class Make>
detail::operation_ptr<Ts...> make_observed_task(std::shared_ptr<session> owner, operation_kind kind,
                                                std::string bucket, std::size_t bytes_sent, diagnostics* to,
                                                Make make) {
  const asio::any_io_executor executor = owner->executor();
  return make_task<Ts...>(
      executor, to,
      [ owner = std::move(owner), kind, bucket = std::move(bucket), bytes_sent,
        make = std::move(make) ](auto... done) mutable requires std::invocable<Make&, decltype(done)...> {
        auto work = make(done...);
        if (owner->observer() == nullptr) return work;
        return observe(std::move(work), observation(owner, {kind, bucket, {}}, bytes_sent));
      });
}

}  // namespace kvco::net
