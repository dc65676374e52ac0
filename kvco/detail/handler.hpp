// The caller's completion handler, type-erased: every operation ends with it.
//
// Made by hand: any_completion_handler of Boost 1.81 recurses without end when it is moved into some
// wrappers, and costs more.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <cstdint>
#include <cstring>
#include <kvco/detail/explain.hpp>
#include <kvco/detail/recycle.hpp>
#include <kvco/error.hpp>
#include <memory>
#include <utility>

namespace kvco::detail {

namespace asio = boost::asio;

/// A handler for void(error_code, Ts...). Ends by complete() or abandon(), both of which free it.
template <class... Ts>
class handler {
 public:
  /// Calls the handler on its executor: at once when that is the client's own (the caller runs there), else
  /// by dispatch.
  /// @param known  moved from; nullptr: nothing is known beside the code
  virtual void complete(error_code code, diagnostics* known, Ts... values) = 0;
  virtual void abandon() noexcept = 0;
  virtual asio::cancellation_slot slot() const noexcept = 0;
  /// It is called soon: prefetches the memory for that.
  virtual void prefetch() const noexcept = 0;

 protected:
  ~handler() = default;
};

struct abandon_handler {
  template <class Handler>
  void operator()(Handler* unused) const noexcept {
    unused->abandon();
  }
};

template <class... Ts>
using handler_ptr = std::unique_ptr<handler<Ts...>, abandon_handler>;

template <class Function, class... Ts>
class handler_of final : public handler<Ts...> {
  using allocator_type = typename std::allocator_traits<
      asio::associated_allocator_t<Function, recycling_allocator<void>>>::template rebind_alloc<handler_of>;

 public:
  static handler_ptr<Ts...> make(Function&& function, const asio::any_io_executor& reactor) {
    allocator_type allocator(asio::get_associated_allocator(function, recycling_allocator<void>()));
    handler_of* memory = std::allocator_traits<allocator_type>::allocate(allocator, 1);
    return handler_ptr<Ts...>(new (memory) handler_of(std::move(function), reactor));
  }

  void complete(error_code code, diagnostics* known, Ts... values) override {
    Function function(std::move(function_));
    auto work = std::move(elsewhere_);
    free_this(function);
    if (work) return complete_there(std::move(*work), std::move(function), code, known, std::move(values)...);
    if (known == nullptr) return std::move(function)(code, std::move(values)...);
    const explanation explained(std::move(*known));
    std::move(function)(code, std::move(values)...);
  }

  void abandon() noexcept override {
    Function function(std::move(function_));
    free_this(function);
  }

  asio::cancellation_slot slot() const noexcept override {
    return asio::get_associated_cancellation_slot(function_);
  }

  // That of a coroutine begins with two addresses: of the frame at the bottom of its stack, and of the place for the result, in the
  // frame at its top. Where other handlers have something else, that is tried in vain: to prefetch from any address is harmless.
  void prefetch() const noexcept override {
    constexpr std::uintptr_t line = 64;
    std::array<std::uintptr_t, 2> places;
    if constexpr (sizeof(Function) >= sizeof places) {
      std::memcpy(places.data(), static_cast<const void*>(&function_), sizeof places);
      for (const std::uintptr_t place : places) {
        for (std::uintptr_t at = place - line; at != place + 2 * line; at += line) {
          __builtin_prefetch(reinterpret_cast<const void*>(at));
        }
      }
    }
  }

 private:
  handler_of(Function&& function, const asio::any_io_executor& reactor) : function_(std::move(function)) {
    asio::any_io_executor executor(asio::get_associated_executor(function_, reactor));
    if (executor == reactor) return;
    elsewhere_ = std::make_unique<asio::any_io_executor>(
        asio::prefer(executor, asio::execution::outstanding_work.tracked));
  }
  ~handler_of() = default;

  static void complete_there(asio::any_io_executor executor, Function&& function, error_code code,
                             diagnostics* known, Ts... values) {
    auto kept = known != nullptr ? std::make_unique<diagnostics>(std::move(*known)) : nullptr;
    asio::dispatch(executor, [function = std::move(function), code, known = std::move(kept),
                              ... values = std::move(values)]() mutable {
      if (!known) return std::move(function)(code, std::move(values)...);
      const explanation explained(std::move(*known));
      std::move(function)(code, std::move(values)...);
    });
  }
  void free_this(const Function& function) noexcept {
    allocator_type allocator(asio::get_associated_allocator(function, recycling_allocator<void>()));
    this->~handler_of();
    std::allocator_traits<allocator_type>::deallocate(allocator, this, 1);
  }

  Function function_;
  // Set when the handler wants another executor than the client's: that one must not run out of work. Elsewhere, because it
  // is rare, and large. (Not an executor_work_guard: that of a strand of any_io_executor does not compile in Boost 1.81.)
  std::unique_ptr<asio::any_io_executor> elsewhere_;
};

}  // namespace kvco::detail
