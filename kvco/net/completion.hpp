// The last step of every operation: its slot is left, its handler is called.
#pragma once

#include <boost/asio/cancellation_type.hpp>
#include <kvco/detail/explain.hpp>
#include <kvco/detail/operation.hpp>
#include <utility>

namespace kvco::net {

namespace asio = boost::asio;

/// Lets `cancel()` of `target` be called by the handler's slot.
template <class... Ts, class Target>
void connect_slot(const detail::handler_ptr<Ts...>& completion, Target* target) {
  auto slot = completion->slot();
  if (!slot.is_connected()) return;
  slot.assign([target](asio::cancellation_type type) {
    // A cancelled target clears its slot and with it this lambda: the pointer is copied first.
    Target* const cancelled = target;
    if (type != asio::cancellation_type::none) cancelled->cancel();
  });
}

template <class... Ts>
void clear_slot(const detail::handler_ptr<Ts...>& completion) noexcept {
  if (auto slot = completion->slot(); slot.is_connected()) slot.clear();
}

/// Calls the handler; an exception that it makes of the code has the detail in its text.
template <class... Ts>
void complete(detail::handler_ptr<Ts...> completion, error_code code, std::string detail, Ts... values) {
  const detail::explanation explained(code, std::move(detail));
  completion.release()->complete(code, std::move(values)...);
}

}  // namespace kvco::net
