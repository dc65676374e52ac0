// The last step of every operation: its slot is left, its handler is called.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <kvco/detail/explain.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/net/memory.hpp>
#include <type_traits>
#include <utility>

namespace kvco::net {

namespace asio = boost::asio;

/// An operation's place in its caller's cancellation slot. Either may be destroyed first: the signal while
/// the operation waits (it can then no longer be cancelled), or the operation with its reactor, before the
/// signal is emitted (then emitting has no effect).
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

/// JetStream's err_code; 0: the error is none of the server's.
inline int server_code_of(const error_code& code) noexcept {
  return code.category() == jetstream_category() ? code.value() : 0;
}

/// Calls the handler inside an explanation of the error.
/// @param to  where the caller wants it as well; nullptr: nowhere
template <class... Ts>
void complete(detail::handler_ptr<Ts...> completion, error_code code, diagnostics known, diagnostics* to,
              std::type_identity_t<Ts>... values) {
  if (known.server_code == 0) known.server_code = server_code_of(code);
  if (to != nullptr) has_memory_for([&] { *to = known; });
  completion.release()->complete(code, code ? &known : nullptr, std::move(values)...);
}

}  // namespace kvco::net
