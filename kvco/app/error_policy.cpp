// Decides how a failure is handled.
#include <kvco/app/error_policy.hpp>

#include <algorithm>
#include <kvco/app/app_error.hpp>
#include <kvco/names.hpp>

namespace kvco::handling {
namespace {

bool is_plain_subject(std::string_view text) {
  return is_valid_filter(text) && text.find_first_of("*>") == text.npos;
}

void check_dead_letter(const error_policy& policy) {
  const std::string name = '"' + std::string(policy.dead_letter) + '"';
  switch (policy.then) {
    case after_failure::dead_letter_key:
      if (!is_valid_bucket_name(policy.dead_letter))
        refuse(app_error::options_conflict, "on_error.dead_letter is a bucket: " + name);
      break;
    case after_failure::dead_letter_subject:
      if (!is_plain_subject(policy.dead_letter))
        refuse(app_error::options_conflict, "on_error.dead_letter is a subject: " + name);
      break;
    default:
      if (!policy.dead_letter.empty())
        refuse(app_error::options_conflict, "on_error.dead_letter is set, and on_error.then leads elsewhere");
  }
}

}  // namespace

failure_rules rules_of(const error_policy& policy) {
  if (policy.first_delay.count() < 0 || policy.max_delay < policy.first_delay)
    refuse(app_error::options_conflict, "on_error: 0 <= first_delay <= max_delay");
  check_dead_letter(policy);
  return {policy.retries, policy.first_delay, policy.max_delay, policy.then, std::string(policy.dead_letter)};
}

failure_plan plan_after(const failure_rules& rules, failure_kind kind, std::size_t attempt,
                        double random) noexcept {
  if (kind == failure_kind::undecodable || attempt > rules.retries) return {.then = rules.then};
  duration step = rules.first_delay;
  for (std::size_t i = 1; i < attempt && step < rules.max_delay && step.count() > 0; ++i)
    step = step > rules.max_delay / 2 ? rules.max_delay : step * 2;
  step = std::min(step, rules.max_delay);
  const auto taken_off = static_cast<double>(step.count()) * std::clamp(random, 0.0, 1.0) / 2;
  return {
      .is_retried = true, .delay = step - duration(static_cast<std::int64_t>(taken_off)), .then = rules.then};
}

}  // namespace kvco::handling
