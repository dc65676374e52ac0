// Runs a coroutine from a test: to its end, or to the end of the test's patience.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <kvco/error.hpp>
#include <memory>
#include <optional>

namespace kvco::test {

namespace asio = boost::asio;

using work = std::function<asio::awaitable<void>()>;
inline constexpr std::chrono::seconds patience{90};  // a loaded machine is ten times slower

/// Runs `what` on the reactor until it has ended; what else is on the reactor stays there. Throws what it throws, and
/// std::runtime_error when it has not ended in time: the test fails instead of hanging.
void drive(asio::io_context& reactor, const work& what, std::chrono::milliseconds longest = patience);

/// The same on a reactor of its own, which has to run out of work behind it: nothing may be left behind.
void run(const work& what, std::chrono::milliseconds longest = patience);

/// Runs the reactor until the condition holds. Throws when it does not in time.
void drive_until(asio::io_context& reactor, const std::function<bool()>& condition);

/// Lets everything else on the reactor go on until the condition holds. Throws when it does not in time.
asio::awaitable<void> until(std::function<bool()> condition);

/// A completion handler that remembers what it was told. Copies share what they remember.
template <class... Ts>
class heard {
 public:
  void operator()(error_code code, Ts... values) const {
    state_->code = code;
    state_->detail = error_detail();
    state_->values.emplace(std::move(values)...);
    ++state_->times;
  }
  int times() const { return state_->times; }
  bool done() const { return times() != 0; }
  const error_code& code() const { return state_->code; }
  const std::string& detail() const { return state_->detail; }
  /// The only value.
  const auto& value() const { return std::get<0>(state_->values.value()); }

 private:
  struct state {
    int times = 0;
    error_code code;
    std::string detail;
    std::optional<std::tuple<Ts...>> values;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace kvco::test
