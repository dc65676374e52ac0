// Whether an operation may have changed something: what decides about a cancellation that promises no side effects.
#pragma once

#include <boost/asio/cancellation_type.hpp>

namespace kvco::net {

/// What the task that owns it has written. Asio's cancellation_type::total ends an operation only where it has had no side effects:
/// it is ignored from then on; partial and terminal are not.
class effects {
 public:
  /// A write that may be in flight.
  class source {
   public:
    virtual bool is_in_flight() const noexcept = 0;

   protected:
    ~source() = default;
  };

  bool possible() const noexcept { return carried_out_ || (open_ != nullptr && open_->is_in_flight()); }
  /// From here on until end(), `write` decides.
  void begin(const source& write) noexcept { open_ = &write; }
  /// @param carried_out  it was, or may have been
  void end(bool carried_out) noexcept {
    open_ = nullptr;
    carried_out_ = carried_out_ || carried_out;
  }
  /// The server has refused all that was written.
  void none() noexcept { carried_out_ = false; }

 private:
  const source* open_ = nullptr;
  bool carried_out_ = false;
};

/// What is left of a cancellation of this type for an operation that may have side effects.
inline boost::asio::cancellation_type without_total(boost::asio::cancellation_type type) noexcept {
  return type & (boost::asio::cancellation_type::terminal | boost::asio::cancellation_type::partial);
}

}  // namespace kvco::net
