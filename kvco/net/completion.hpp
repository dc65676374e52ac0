// The last step of every operation: its slot is left, its handler is called.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <kvco/detail/explain.hpp>
#include <kvco/detail/operation.hpp>
#include <type_traits>
#include <utility>

namespace kvco::net {

namespace asio = boost::asio;

/// An operation's place in its caller's cancellation slot. Either may go first: the signal may be destroyed while the
/// operation waits (nobody can cancel it then), and it may be emitted when the end of the reactor has freed the
/// operation (nothing happens then).
class slot_link {
 public:
  slot_link() noexcept = default;
  slot_link(const slot_link&) = delete;
  slot_link& operator=(const slot_link&) = delete;
  ~slot_link() {
    if (hook_ != nullptr) hook_->owner = nullptr;
  }

  /// Lets `cancel()` of `target`, which owns this link, be called by the handler's slot, with the type where it takes one.
  template <class... Ts, class Target>
  void connect(const detail::handler_ptr<Ts...>& completion, Target* target) {
    slot_ = completion->slot();
    if (!slot_.is_connected()) return;
    hook_ = &slot_.emplace<hook>(this, target, [](void* who, asio::cancellation_type type) {
      if constexpr (requires { target->cancel(type); }) {
        static_cast<Target*>(who)->cancel(type);
      } else {
        static_cast<Target*>(who)->cancel();
      }
    });
  }
  /// Leaves the slot: it may be used for another operation.
  void clear() noexcept {
    if (hook_ != nullptr) slot_.clear();
  }

 private:
  struct hook {
    hook(slot_link* link, void* who, void (*how)(void*, asio::cancellation_type)) noexcept
        : owner(link), target(who), cancel(how) {
      link->hook_ = this;
    }
    hook(const hook&) = delete;
    hook& operator=(const hook&) = delete;
    ~hook() {
      if (owner != nullptr) owner->hook_ = nullptr;
    }
    void operator()(asio::cancellation_type type) const {
      // A cancelled target may clear its slot, and with it this hook: nothing of it is touched afterwards.
      if (owner != nullptr && type != asio::cancellation_type::none) cancel(target, type);
    }
    slot_link* owner;
    void* target;
    void (*cancel)(void*, asio::cancellation_type);
  };

  asio::cancellation_slot slot_;
  hook* hook_ = nullptr;
};

/// Calls the handler; an exception that it makes of the code has the detail in its text.
template <class... Ts>
void complete(detail::handler_ptr<Ts...> completion, error_code code, std::string&& detail,
              std::type_identity_t<Ts>... values) {
  if (!code) return completion.release()->complete(code, std::move(values)...);
  const detail::explanation explained(code, std::move(detail));
  completion.release()->complete(code, std::move(values)...);
}

}  // namespace kvco::net
