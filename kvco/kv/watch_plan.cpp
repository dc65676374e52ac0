// Filters and options of a watch -> the settings of its ordered consumer.
#include <kvco/kv/watch_plan.hpp>

#include <kvco/kv/checks.hpp>

namespace kvco::kv {
namespace {

using jetstream::deliver_policy;

detail::refusal check(const bucket_state& bucket, const std::vector<std::string>& filters,
                      const watch_options& options, bool are_keys) {
  if (!are_keys) {
    if (auto refused = check_filters(filters)) return refused;
  }
  if (auto refused = check_watch_options(options)) return refused;
  const resume_token& token = options.resume_after;
  if (!token || token.bucket() == bucket.name) return {};
  return {client_error::resume_token_foreign,
          detail::concat("a token of bucket ", token.bucket(), " for a watch of bucket ", bucket.name)};
}

deliver_policy start_of(const watch_options& options) {
  if (options.resume_from != 0 || options.resume_after) return deliver_policy::by_start_sequence;
  if (options.updates_only) return deliver_policy::updates_only;
  return options.include_history ? deliver_policy::all : deliver_policy::last_per_subject;
}

}  // namespace

std::shared_ptr<watch> begin_watch(const bucket_state& bucket, std::vector<std::string> filters,
                                   const watch_options& options, duration first_timeout, bool are_keys) {
  auto refused = check(bucket, filters, options, are_keys);
  if (!refused && bucket.session->closing()) refused = {client_error::closed, "the client was closed"};
  if (refused) {
    if (options.diag != nullptr) *options.diag = {.text = refused.detail};
    return std::make_shared<watch>(bucket.session, refused.code, std::move(refused.detail));
  }
  const std::string unique = bucket.session->unique_name();
  core::consumer_settings settings;
  settings.bucket = bucket.name;
  settings.stream = bucket.stream;
  settings.key_prefix = bucket.key_prefix;
  settings.origin = bucket.origin;
  // Two tokens below the prefix: the subscription for replies takes one.
  settings.deliver_prefix = detail::concat(bucket.session->inbox().prefix(), unique.substr(0, 10), ".");
  settings.name_prefix = detail::concat("kvco_", unique, "_");
  settings.filters = std::move(filters);
  settings.deliver = start_of(options);
  settings.start_sequence = options.resume_after ? options.resume_after.revision() + 1 : options.resume_from;
  settings.created_ns = options.resume_after.fields().created_ns;
  settings.newest_ns = options.resume_after.fields().newest_ns;
  if (options.heartbeat.count() != 0) settings.heartbeat = std::min(options.heartbeat, core::max_time);
  settings.first_timeout = timeout_or_default(*bucket.session, first_timeout);
  settings.headers_only = options.meta_only;
  settings.ignore_deletes = options.ignore_deletes;
  settings.seed = bucket.session->random();
  auto begun = std::make_shared<watch>(bucket.session, std::move(settings), options);
  begun->begin();
  return begun;
}

}  // namespace kvco::kv
