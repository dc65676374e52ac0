// Checks a registration before anything is sent.
#include <kvco/app/handler_plan.hpp>

#include <kvco/app/app_error.hpp>
#include <kvco/names.hpp>
#include <utility>

namespace kvco::handling {
namespace {

void check_limits(std::size_t concurrency, std::size_t max_queued) {
  if (concurrency == 0) refuse(app_error::options_conflict, "concurrency is at least 1");
  if (max_queued < concurrency) refuse(app_error::options_conflict, "max_queued is at least the concurrency");
}

void check_position(const handler_plan& plan, const stored_position& position) {
  if (position.interval.count() < 0) refuse(app_error::options_conflict, "position.interval is not negative");
  if (position.bucket.empty() != position.key.empty())
    refuse(app_error::options_conflict, "a position has a bucket and a key");
  if (position.bucket.empty()) return;
  if (!is_valid_bucket_name(position.bucket) || !is_valid_key(position.key))
    refuse(app_error::options_conflict,
           "position: \"" + std::string(position.bucket) + "\", \"" + std::string(position.key) + '"');
  if (plan.bucket == position.bucket)
    refuse(app_error::options_conflict,
           "a position is stored in another bucket than the one that is watched");
}

// A dead letter that comes back to its handler would fail again, without an end.
void check_dead_letter(const handler_plan& plan) {
  const failure_rules& rules = plan.on_error;
  if (rules.then == after_failure::dead_letter_key && !plan.is_watch)
    refuse(
        app_error::options_conflict,
        "dead_letter_key of a handler of messages: they have no key of their own; use dead_letter_subject");
  if (rules.then == after_failure::dead_letter_key && rules.dead_letter == plan.bucket)
    refuse(app_error::options_conflict,
           "on_error.dead_letter is another bucket than the one that is watched");
  if (rules.then == after_failure::dead_letter_subject && !plan.is_watch &&
      plan.pattern.matches(rules.dead_letter))
    refuse(app_error::options_conflict, "on_error.dead_letter is a subject that the handler receives");
}

void check_captures(const key_pattern& pattern, const adapted_handler& handler) {
  if (handler.captures == 0 || handler.captures == pattern.names().size()) return;
  refuse(app_error::captures_mismatch,
         "the pattern \"" + pattern.text() + "\" has " + std::to_string(pattern.names().size()) +
             " captures, and the handler takes " + std::to_string(handler.captures));
}

void check_watch(const handler_plan& plan, const char* wanted) {
  if (!plan.is_watch) refuse(app_error::options_conflict, std::string(wanted) + " of a handler of messages");
}

}  // namespace

handler_plan plan_watch(std::string_view bucket, std::string_view pattern, adapted_handler handler,
                        const watch_handler_options& options) {
  handler_plan plan(true, pattern, std::move(handler));
  check_captures(plan.pattern, plan.call);
  check_limits(options.concurrency, options.max_queued);
  if (options.include_history && options.updates_only)
    refuse(app_error::options_conflict, "include_history and updates_only");
  if (options.meta_only && plan.call.takes_value)
    refuse(app_error::options_conflict, "with meta_only there is no value for the handler");
  plan.bucket = bucket;
  plan.name = options.name.empty() ? plan.bucket + ' ' + plan.pattern.text() : std::string(options.name);
  plan.on_error = rules_of(options.on_error);
  plan.concurrency = options.concurrency;
  plan.max_queued = options.max_queued;
  plan.required = options.required;
  plan.watch.meta_only = options.meta_only;
  plan.watch.include_history = options.include_history;
  plan.watch.updates_only = options.updates_only;
  plan.watch.conflate = options.conflate;
  plan.watch.heartbeat = options.heartbeat;
  check_dead_letter(plan);
  check_position(plan, options.position);
  plan.position_bucket = options.position.bucket;
  plan.position_key = options.position.key;
  plan.position_interval = options.position.interval;
  return plan;
}

handler_plan plan_messages(std::string_view subject, adapted_handler handler,
                           const message_handler_options& options) {
  handler_plan plan(false, subject, std::move(handler));
  check_captures(plan.pattern, plan.call);
  check_limits(options.concurrency, options.max_queued);
  if (options.max_pending == 0) refuse(app_error::options_conflict, "max_pending is at least 1");
  if (plan.call.takes_bucket && options.bucket.empty())
    refuse(app_error::handler_without_bucket, "subject \"" + plan.pattern.text() + '"');
  if (!options.queue.empty() && !is_valid_filter(options.queue))
    refuse(app_error::options_conflict, "queue: \"" + std::string(options.queue) + '"');
  plan.bucket = options.bucket;
  plan.name = options.name.empty() ? plan.pattern.text() : std::string(options.name);
  plan.on_error = rules_of(options.on_error);
  plan.concurrency = options.concurrency;
  plan.max_queued = options.max_queued;
  check_dead_letter(plan);
  plan.required = options.required;
  plan.queue = options.queue;
  plan.max_pending = options.max_pending;
  return plan;
}

void set_on_delete(handler_plan& plan, adapted_handler handler) {
  check_watch(plan, "on_delete");
  check_captures(plan.pattern, handler);
  plan.on_delete = std::move(handler);
}

void set_position(handler_plan& plan, load_position load, save_position save) {
  check_watch(plan, "a position");
  if (!load || !save) refuse(app_error::options_conflict, "a position is loaded and stored");
  if (!plan.position_bucket.empty()) refuse(app_error::options_conflict, "a handler has one position");
  plan.load = std::move(load);
  plan.save = std::move(save);
}

}  // namespace kvco::handling
