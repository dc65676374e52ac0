// The decisions of a watch: beginnings, recovery and ends. Messages are interpreted in
// ordered_consumer_messages.cpp.
#include <kvco/core/ordered_consumer.hpp>

#include <algorithm>

namespace kvco::core {
namespace {

// More filters than this are not asked for one by one: heartbeats show how far the consumer is.
constexpr std::size_t max_located = 8;

}  // namespace

ordered_consumer::ordered_consumer(consumer_settings settings, time_point now)
    : settings_(std::move(settings)),
      identity_(settings_.created_ns),
      backoff_(std::chrono::milliseconds(100), std::chrono::seconds(10), settings_.seed),
      last_given_ns_(settings_.newest_ns),
      give_up_at_(now + settings_.first_timeout) {}

void ordered_consumer::connected(bool filter_lists, time_point now, std::uint64_t max_request) {
  if (ended()) return;
  plan_.serve(filter_lists, max_request);
  begin(now);
}

void ordered_consumer::disconnected() {
  if (ended()) return;
  if (!name_.empty()) stale_names_.push_back(std::exchange(name_, {}));
  removals_ = 0;
  window_.forget();
  commands_.clear();
  stage_ = stage::offline;
}

void ordered_consumer::begin(time_point now) {
  if (!plan()) return;
  choose_way_on();
  ++epoch_;
  while (removals_ < stale_names_.size())
    commands_.push_back(consumer_command::remove{stale_names_[removals_++]});
  consumer_sequence_ = repeated_ = news_ = 0;
  stalls_ = 0;
  heard_ = false;
  initial_.begin();
  window_.forget();
  last_activity_ = now;
  if (established_ && !window_.has_room()) {
    stage_ = stage::full;
    commands_.push_back(consumer_command::unsubscribe{});
    return;
  }
  stage_ = stage::inspecting;
  commands_.push_back(consumer_command::subscribe{settings_.deliver_prefix + std::to_string(epoch_)});
  commands_.push_back(consumer_command::inspect{epoch_});
}

void ordered_consumer::leave_epoch() {
  window_.forget();
  if (name_.empty()) return;
  stale_names_.push_back(std::exchange(name_, {}));
  commands_.push_back(consumer_command::remove{stale_names_[removals_++]});
}

void ordered_consumer::begin_anew(time_point now) {
  leave_epoch();
  pause_or_begin(now);
}

// At once when the last beginning has held for a while, else after a growing pause: never a storm of consumers.
void ordered_consumer::pause_or_begin(time_point now) {
  const bool first_trouble = stage_ == stage::live && now - live_since_ > 2 * settings_.heartbeat;
  if (first_trouble) {
    backoff_.reset();
    return begin(now);
  }
  commands_.push_back(consumer_command::unsubscribe{});
  ++epoch_;  // later messages for the old one are ignored
  stage_ = stage::pausing;
  resume_at_ = now + backoff_.next();
}

void ordered_consumer::on_stream_info(std::uint64_t epoch,
                                      const jetstream::outcome<jetstream::stream_info>& reply,
                                      time_point now) {
  const bool asked_again = stage_ == stage::creating || stage_ == stage::live;  // see send_create()
  if (epoch != epoch_ || (!asked_again && stage_ != stage::inspecting)) return;
  if (!reply.ok()) return failed(reply.code, reply.detail, now);
  if (!reply.value.is_bucket()) return end(client_error::not_a_bucket, reply.value.why_no_bucket);
  if (reply.value.origin != settings_.origin) {
    return end(client_error::not_a_bucket, jetstream::why_not_as_bound(settings_.stream, reply.value.origin));
  }
  if (!check_identity(reply.value, now) || asked_again) return;
  stale_names_.clear();  // the server read their removal before this request
  removals_ = 0;
  initial_.set_boundary(reply.value.status.last_revision);
  history_ = reply.value.status.config.history();
  replicas_ = reply.value.status.config.replicas();
  // Delivered entries count by the boundary that was in force at the time.
  if (!established_ && last_given_ == 0) first_boundary_ = initial_.boundary();
  send_create();
}

// False: there are too many filters for one request.
bool ordered_consumer::plan() {
  plan_.prepare(settings_);
  std::string too_long = plan_.too_long();
  if (too_long.empty()) return true;
  end(client_error::filter_list_too_long, std::move(too_long));
  return false;
}

void ordered_consumer::send_create() {
  name_ = settings_.name_prefix + std::to_string(epoch_);
  if (!plan()) return;
  jetstream::consumer_request request = plan_.request(settings_);
  const std::string deliver_subject = settings_.deliver_prefix + std::to_string(epoch_);
  request.name = name_;
  request.deliver_subject = deliver_subject;
  request.deliver = policy();
  request.start_sequence = next_sequence();
  stage_ = stage::creating;
  commands_.push_back(consumer_command::create{epoch_, name_, plan_.single_subject(),
                                               jetstream::consumer_create_request(request)});
  initial_.request(delivery_of(request.deliver));
  ask_for_proof();
  // The stream may have been replaced since it was inspected. A consumer resumed beyond its end would wait
  // indefinitely.
  if (established_ || last_given_ > 0) commands_.push_back(consumer_command::inspect{epoch_});
}

initial_data::delivery ordered_consumer::delivery_of(jetstream::deliver_policy asked) const noexcept {
  const bool makes_list =
      asked == jetstream::deliver_policy::last_per_subject && (history_ != 1 || !plan_.filter_lists());
  if (!makes_list) return initial_data::delivery::in_order;
  return plan_.filter_lists() ? initial_data::delivery::walk : initial_data::delivery::old_walk;
}

// A replica of a stream may lag behind its leader: it has to show the leader's last message.
void ordered_consumer::ask_for_proof() {
  const bool has_initial = settings_.deliver != jetstream::deliver_policy::updates_only;
  if (replicas_ <= 1 || initial_.complete() || !has_initial) return;
  const std::vector<std::string>& filters = plan_.filters();
  const bool all = filters.size() == 1 && filters.front() == ">";
  if (all || filters.empty() || filters.size() > max_located) return initial_.prove_boundary();
  locate_last();
}

void ordered_consumer::locate_last() {
  if (locate_denied_) {
    commands_.push_back(consumer_command::locate{epoch_, {}});
    return initial_.asked(1);
  }
  for (const std::string& filter : plan_.filters()) {
    commands_.push_back(consumer_command::locate{epoch_, settings_.key_prefix + filter});
    initial_.asked(1);
  }
}

void ordered_consumer::on_located(std::uint64_t epoch, const jetstream::outcome<std::uint64_t>& last,
                                  time_point now) {
  if (epoch != epoch_ || !initial_.is_asking()) return;
  if (last.code == errc::permission_denied && !locate_denied_) {
    locate_denied_ = {last.code, last.detail};
    commands_.push_back(consumer_command::locate{epoch_, {}});  // instead
    return;
  }
  if (stage_ != stage::creating && stage_ != stage::live) return;
  initial_.on_located(last.ok() ? std::optional(last.value) : std::nullopt);
  check_initial(now);
}

void ordered_consumer::on_created(std::uint64_t epoch,
                                  const jetstream::outcome<jetstream::consumer_info>& reply, time_point now) {
  if (epoch != epoch_ || stage_ != stage::creating || is_refused(reply, now)) return;
  // Dropped silently: another server of the cluster is older than the one that this client is connected to.
  if (plan_.is_list() && reply.value.filter_subjects != plan_.filters().size()) {
    plan_.refuse_lists();
    return begin_anew(now);
  }
  accept(reply.value, now);
}

// True: it is asked for otherwise, or has failed.
bool ordered_consumer::is_refused(const jetstream::outcome<jetstream::consumer_info>& reply, time_point now) {
  if (reply.ok()) return false;
  const bool otherwise = (refuses_filters(reply.code) && plan_.refuse_lists()) ||
                         (jetstream::refuses_consumer_limits(reply.code) && plan_.refuse_limits());
  if (!otherwise) return failed(reply.code, reply.detail, now), true;
  name_.clear();
  send_create();
  return true;
}

void ordered_consumer::accept(const jetstream::consumer_info& created, time_point now) {
  const bool first = !std::exchange(accepted_, true);
  code_ = {};
  detail_.clear();
  refusals_.clear();
  stage_ = stage::live;
  live_since_ = last_activity_ = now;
  // Where it is while nothing was delivered: a resumed watch starts there, not at the next update it gets.
  if (!initial_.has_received()) position_ = std::max(position_, created.delivered_stream_sequence);
  initial_.on_created(created.num_pending, created.delivered_stream_sequence);
  if (settings_.deliver == jetstream::deliver_policy::updates_only && first && last_given_ == 0) {
    position_ = std::max(position_, initial_.boundary());
  }
  heard_ = heard_ || created.push_bound;
  if (heard_) establish(now);
  check_initial(now);
  // In a cluster the subscription may reach the consumer's node behind the request. Where nothing is pending the first
  // heartbeat would be long in coming; a server that never reports subscriptions is waited for all the same.
  const bool idle = !established_ && created.num_pending == 0;
  if (idle && !std::exchange(bound_late_, true)) begin_anew(now);
}

void ordered_consumer::establish(time_point now) {
  if (std::exchange(established_, true)) return;
  if (settings_.deliver == jetstream::deliver_policy::updates_only) initial_.skip();
  check_initial(now);
}

std::string ordered_consumer::why_not_established() const {
  if (established_ || !accepted_) return {};
  return "the server has created the consumer, but nothing came on its deliver subject " +
         settings_.deliver_prefix + std::to_string(epoch_);
}

void ordered_consumer::failed(const error_code& code, const std::string& detail, time_point now) {
  if (code == errc::bucket_not_found && established_) {
    return end(client_error::bucket_deleted, "bucket " + settings_.bucket + " was deleted");
  }
  // While a server boots it may report that JetStream is not enabled.
  const bool passes = may_pass(code) || (established_ && code == errc::jetstream_not_enabled);
  if (!passes || refusals_.is_final(code, established_, now)) return end(code, detail);
  // Reported if the time is over before it passes: an error from the server takes precedence over its later
  // silence.
  if (!is_silence(code) || !code_) {
    // To set up a watch changes nothing that could be unknown.
    code_ = code == errc::outcome_unknown ? error_code(client_error::timeout) : code;
    detail_ = detail;
  }
  begin_anew(now);
}

void ordered_consumer::end(error_code code, std::string detail) {
  leave_epoch();
  commands_.push_back(consumer_command::unsubscribe{});
  code_ = code;
  detail_ = std::move(detail);
  stage_ = stage::ended;
}

void ordered_consumer::stop() {
  if (!ended()) end({}, {});
}

std::optional<time_point> ordered_consumer::deadline() const {
  std::optional<time_point> at;
  if (stage_ == stage::pausing) at = resume_at_;
  if (stage_ == stage::live) at = last_activity_ + 2 * settings_.heartbeat;
  if (!established_ && !ended()) at = at ? std::min(*at, give_up_at_) : give_up_at_;
  return at;
}

void ordered_consumer::on_time(time_point now) {
  if (ended()) return;
  if (!established_ && now >= give_up_at_) {
    if (code_) return end(std::exchange(code_, {}), std::exchange(detail_, {}));
    return end(client_error::timeout,
               accepted_ ? why_not_established() : "the watch could not be set up in time");
  }
  if (stage_ == stage::pausing && now >= resume_at_) return begin(now);
  if (silent(now)) begin_anew(now);
}

}  // namespace kvco::core
