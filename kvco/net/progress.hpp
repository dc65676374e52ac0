// The requests that an operation of several steps has sent so far, and whether they may have changed
// anything.
#pragma once

#include <boost/asio/cancellation_type.hpp>
#include <kvco/diagnostics.hpp>
#include <kvco/net/memory.hpp>
#include <string_view>
#include <utility>

namespace kvco::net {

/// Lives as long as the operation's coroutine.
///
/// Asio's cancellation_type::total ends an operation only where it has had no side effects: once a write may have been carried out it is
/// ignored; partial and terminal are not.
class progress {
 public:
  /// A write that may be in flight.
  class source {
   public:
    virtual bool is_in_flight() const noexcept = 0;

   protected:
    ~source() = default;
  };

  bool may_have_effects() const noexcept {
    return carried_out_ || (open_ != nullptr && open_->is_in_flight());
  }
  /// From here on until end(), `write` decides.
  void begin(const source& write) noexcept { open_ = &write; }
  /// @param carried_out  it was, or may have been
  void end(bool carried_out) noexcept {
    open_ = nullptr;
    carried_out_ = carried_out_ || carried_out;
  }
  /// The server has refused all that was written.
  void has_no_effects() noexcept { carried_out_ = false; }

  /// A request to `subject` was written this often.
  void note(std::string_view subject, unsigned attempts) noexcept {
    if (attempts == 0) return;
    has_memory_for([&] { known_.subject = subject; });
    known_.attempts += attempts;
    known_.sent = true;
  }
  diagnostics take_known() noexcept { return std::move(known_); }

 private:
  const source* open_ = nullptr;
  bool carried_out_ = false;
  diagnostics known_;
};

/// The part of a cancellation of this type that applies to an operation that may have side effects.
inline boost::asio::cancellation_type without_total(boost::asio::cancellation_type type) noexcept {
  return type & (boost::asio::cancellation_type::terminal | boost::asio::cancellation_type::partial);
}

}  // namespace kvco::net
