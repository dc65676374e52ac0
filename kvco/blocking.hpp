// For programs without coroutines: operations and watches that run the reactor on the calling thread.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <exception>
#include <iterator>
#include <kvco/bucket_listing.hpp>
#include <kvco/watcher.hpp>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kvco {

namespace detail {

/// The result of an operation. Its handler shares the ownership, because it may outlive the call.
template <class... Values>
struct arrival {
  boost::asio::cancellation_signal cancel;
  std::optional<std::tuple<Values...>> values;
  std::string text;  // of an error
  bool complete = false;
};

template <class... Values>
struct arrival_handler {
  using executor_type = boost::asio::io_context::executor_type;
  using cancellation_slot_type = boost::asio::cancellation_slot;

  std::shared_ptr<arrival<Values...>> to;
  executor_type executor;

  executor_type get_executor() const noexcept { return executor; }
  cancellation_slot_type get_cancellation_slot() const noexcept { return to->cancel.slot(); }
  void operator()(Values... values) const {
    to->text = error_detail();
    to->values.emplace(std::move(values)...);
    to->complete = true;
  }
};

/// Runs the reactor until `complete` is true. Throws errc::closed if the reactor is stopped.
void run_until(boost::asio::io_context& reactor, const bool& complete);

inline void throw_if(const error_code& code, std::string& text) {
  if (code) throw_error(code, std::move(text));
}
inline void throw_if(const std::exception_ptr& thrown, std::string&) {
  if (thrown) std::rethrow_exception(thrown);
}

template <class T>
inline constexpr bool is_error = std::is_same_v<T, error_code> || std::is_same_v<T, std::exception_ptr>;

/// Returns nothing, the only value, or a tuple of the values; a leading error is thrown.
template <class... Values>
auto result_of(std::tuple<Values...> values, std::string& text) {
  if constexpr (sizeof...(Values) == 0) {
    return;
  } else if constexpr (is_error<std::tuple_element_t<0, std::tuple<Values...>>>) {
    throw_if(std::get<0>(values), text);
    const auto behind_it = [](auto&, auto&... rest) { return std::tuple(std::move(rest)...); };
    return result_of(std::apply(behind_it, values), text);
  } else if constexpr (sizeof...(Values) == 1) {
    return std::get<0>(std::move(values));
  } else {
    return values;
  }
}

/// Starts an operation and waits for it; cancels it if the wait is left by an exception.
template <class Signature>
struct blocking_call;

template <class... Args>
struct blocking_call<void(Args...)> {
  template <class Start>
  static auto run(boost::asio::io_context& reactor, Start start) {
    using arrival_type = arrival<std::decay_t<Args>...>;
    const auto end = std::make_shared<arrival_type>();
    struct cancel_rest {
      arrival_type& end;
      ~cancel_rest() {
        if (!end.complete) end.cancel.emit(boost::asio::cancellation_type::terminal);
      }
    } guard{*end};
    std::move(start)(arrival_handler<std::decay_t<Args>...>{end, reactor.get_executor()});
    run_until(reactor, end->complete);
    return result_of(std::move(*end->values), end->text);
  }
};

}  // namespace detail

/// Runs the reactor until the operation has completed: `kvco::blocking(reactor, orders.put("order.1", "2 apples"))`.
///
/// Accepts whatever can be awaited: an operation without a token, with asio::deferred or kvco::nothrow, or an awaitable. Returns its
/// value (with nothrow: the error and the value). Other work on the reactor proceeds meanwhile.
///
/// \par Errors
/// Throws the same exceptions as `co_await`, with the same text; errc::closed if the reactor is stopped, and the exceptions of
/// other handlers: in both cases the operation is cancelled.
/// \par Lifetimes
/// No other thread may run the reactor, and it must not be running already (in a handler or a coroutine).
template <class Operation>
requires(boost::asio::is_async_operation<Operation>::value) auto blocking(boost::asio::io_context& reactor,
                                                                          Operation&& operation) {
  using signature = boost::asio::completion_signature_of_t<Operation>;
  return detail::blocking_call<signature>::run(
      reactor, [&](auto handler) { std::forward<Operation>(operation)(std::move(handler)); });
}

template <class T>
T blocking(boost::asio::io_context& reactor, boost::asio::awaitable<T> work) {
  using signature =
      std::conditional_t<std::is_void_v<T>, void(std::exception_ptr),
                         void(std::exception_ptr, std::conditional_t<std::is_void_v<T>, int, T>)>;
  return detail::blocking_call<signature>::run(
      reactor, [&](auto handler) { boost::asio::co_spawn(reactor, std::move(work), std::move(handler)); });
}

/// The entries of a watch, or the buckets of a listing, as a view:
/// `for (const kvco::entry& e : kvco::blocking(reactor, updates) | std::views::take(3)) ...`
///
/// Waits for an entry when the iterator is dereferenced or compared with the end, not when it is incremented: `take(3)` takes three
/// entries and does not wait for a fourth. Ends when the watch ends: create the watch with `.initial_only` to read the current
/// values only, or leave the loop. Entries that are not taken remain for another view, or for next(). Throws
/// boost::system::system_error if the watch ends with an error; otherwise like blocking() of an operation.
///
/// \par Lifetimes
/// The reactor and the watcher (or listing) must outlive the view; an entry is valid until the next one is accessed.
template <class Source, class Value>
class [[nodiscard]] blocking_range_of : public std::ranges::view_base {
 public:
  /// Of a view: an input iterator.
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;

    iterator() noexcept = default;
    explicit iterator(blocking_range_of& range) noexcept : range_(&range) {}
    const Value& operator*() const { return *range_->current(); }
    const Value* operator->() const { return &*range_->current(); }
    iterator& operator++() {
      range_->is_current_ = false;
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return range_ == nullptr || !range_->current(); }

   private:
    blocking_range_of* range_ = nullptr;
  };

  /// Made by blocking().
  blocking_range_of(boost::asio::io_context& reactor, Source& source) noexcept
      : reactor_(&reactor), source_(&source) {}
  blocking_range_of(blocking_range_of&&) noexcept = default;
  blocking_range_of& operator=(blocking_range_of&&) noexcept = default;

  /// Waits for the next entry.
  iterator begin() {
    is_current_ = false;
    current();
    return iterator(*this);
  }
  /// The end of the watch.
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  // However it ends: the one that did not come yet is for the next call.
  const std::optional<Value>& current() {
    if (is_current_) return current_;
    current_.reset();
    current_ = blocking(*reactor_, source_->next(boost::asio::deferred));
    is_current_ = true;
    return current_;
  }

  boost::asio::io_context* reactor_;
  Source* source_;
  std::optional<Value> current_;
  bool is_current_ = false;
};

/// The entries of a watch, as a view.
using blocking_range = blocking_range_of<watcher, entry>;

/// See blocking_range.
inline blocking_range blocking(boost::asio::io_context& reactor, watcher& watch) noexcept {
  return {reactor, watch};
}
template <class T>
blocking_range_of<bucket_listing<T>, T> blocking(boost::asio::io_context& reactor,
                                                 bucket_listing<T>& listing) noexcept {
  return {reactor, listing};
}

}  // namespace kvco
