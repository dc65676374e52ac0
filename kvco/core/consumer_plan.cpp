// Which consumer a watch asks for.
#include <kvco/core/consumer_plan.hpp>

#include <utility>

namespace kvco::core {

void consumer_plan::serve(bool filter_lists, std::uint64_t max_request) noexcept {
  filter_lists_ = filter_lists;
  max_request_ = max_request;
}

void consumer_plan::prepare(const consumer_settings& settings) {
  const bool lists = filter_lists_ && !lists_refused_;
  if (planned_lists_ == lists) return;
  plan_ = jetstream::plan_filters(settings.filters, lists);
  planned_lists_ = lists;
  subjects_.clear();
  for (const std::string& filter : plan_.server) subjects_.push_back(settings.key_prefix + filter);
  asked_ = {};
  kept_ = {};
  if (is_list()) asked_.add_all(settings.filters);
  kept_.add_all(plan_.client);
  jetstream::consumer_request largest = request(settings);
  const std::string longest = settings.deliver_prefix + std::to_string(UINT64_MAX);
  largest.name = largest.deliver_subject = longest;
  largest.deliver = jetstream::deliver_policy::by_start_sequence;
  largest.start_sequence = UINT64_MAX;
  largest_request_ = jetstream::consumer_create_request(largest).size();
}

std::string consumer_plan::too_long() const {
  if (subjects_.size() <= 1 || largest_request_ <= max_request_) return {};
  return std::to_string(subjects_.size()) + " filters make a request of " + std::to_string(largest_request_) +
         " bytes, the server takes " + std::to_string(max_request_);
}

jetstream::consumer_request consumer_plan::request(const consumer_settings& settings) const {
  jetstream::consumer_request request;
  request.stream = settings.stream;
  request.filter_subjects = subjects_;
  request.heartbeat_ns = settings.heartbeat.count();
  request.headers_only = settings.headers_only;
  request.within_limits = within_limits_;
  return request;
}

std::string consumer_plan::single_subject() const {
  return subjects_.size() == 1 ? subjects_.front() : std::string();
}

bool consumer_plan::refuse_lists() noexcept { return is_list() && !std::exchange(lists_refused_, true); }

bool consumer_plan::refuse_limits() noexcept { return !std::exchange(within_limits_, true); }

}  // namespace kvco::core
