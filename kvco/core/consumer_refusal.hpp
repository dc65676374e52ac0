// Classifies an error for a watch: temporary, avoidable by another request, or final.
#pragma once

#include <kvco/core/deadlines.hpp>
#include <kvco/error.hpp>

namespace kvco::core {

/// The server does not take this list of filters.
bool refuses_filters(const error_code& code);
/// There was no answer.
bool is_silence(const error_code& code);
/// It may pass by itself, or others may lift it.
bool may_pass(const error_code& code);

/// Refusals in a row, which others may lift: they are final when they last.
class consumer_refusals {
 public:
  void clear() noexcept { count_ = 0; }
  /// Is this error a refusal that is only repeated?
  bool is_final(const error_code& code, bool established, time_point now);

 private:
  int count_ = 0;
  time_point since_{};
};

}  // namespace kvco::core
