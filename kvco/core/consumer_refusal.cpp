// Classifies errors for a watch.
#include <kvco/core/consumer_refusal.hpp>

#include <chrono>

namespace kvco::core {
namespace {

// Consumers that no client uses any more go after their inactive_threshold (30 s): a watch that was established waits for that. One
// that begins reports soon that there is a limit.
constexpr auto max_refusal_time = std::chrono::seconds(60), max_first_refusal_time = std::chrono::seconds(1);
constexpr int min_refusals = 3;

int jetstream_code(const error_code& code) {
  return code.category() == jetstream_category() ? code.value() : 0;
}

// 10026: consumer limit reached; 10074: no peers yet.
bool is_refusal(const error_code& code) {
  const int value = jetstream_code(code);
  return value == 10026 || value == 10074;
}

}  // namespace

bool refuses_filters(const error_code& code) {
  // 10094: 2.9 wants a filter_subject with last_per_subject; 10136..10139: about filter lists
  const int value = jetstream_code(code);
  return value == 10094 || (value >= 10136 && value <= 10139);
}

bool is_silence(const error_code& code) { return code == errc::timeout || code == errc::outcome_unknown; }

bool may_pass(const error_code& code) {
  if (code == errc::unavailable || code == errc::timeout || code == errc::connection_lost ||
      code == errc::outcome_unknown) {
    return true;
  }
  // 10009: no leader yet; 10013, 10148: the name is taken
  const int value = jetstream_code(code);
  return value == 10009 || value == 10013 || value == 10148 || is_refusal(code);
}

bool consumer_refusals::is_final(const error_code& code, bool established, time_point now) {
  if (is_silence(code)) return false;
  if (!is_refusal(code)) return count_ = 0, false;
  if (count_++ == 0) since_ = now;
  const duration limit = established ? max_refusal_time : max_first_refusal_time;
  return count_ >= min_refusals && now - since_ >= limit;
}

}  // namespace kvco::core
