// The decisions of a watch: beginnings, recovery and ends. What messages mean is in ordered_consumer_messages.cpp.
#include <kvco/core/ordered_consumer.hpp>

#include <algorithm>

namespace kvco::core {
namespace {

// More filters than this are not asked for one by one: heartbeats tell how far the consumer is.
constexpr std::size_t most_located = 8;
// While others write, a key can be replaced before its turn and slip behind the end that the leader named, again and
// again. Each round is shorter than the one before it; so many make losing one practically impossible and still end.
constexpr int most_rounds = 8;

bool is_filter_error(const error_code& code) {
  // 10094: 2.9 wants a filter_subject with last_per_subject; 10136..10139: about filter lists
  return code.category() == jetstream_category() &&
         (code.value() == 10094 || (code.value() >= 10136 && code.value() <= 10139));
}

// Consumers that nobody uses any more go after their inactive_threshold (30 s): a watch that was established waits for that. One
// that begins says soon that there is a limit.
constexpr auto longest_refusal = std::chrono::seconds(60), longest_first_refusal = std::chrono::seconds(1);
constexpr int least_refusals = 3;

// Others may lift it: 10026: consumer limit reached; 10074: no peers yet.
bool is_refusal(const error_code& code) {
  return code.category() == jetstream_category() && (code.value() == 10026 || code.value() == 10074);
}

bool is_silence(const error_code& code) { return code == errc::timeout || code == errc::outcome_unknown; }

bool is_transient(const error_code& code) {
  if (code == errc::unavailable || code == errc::timeout || code == errc::connection_lost ||
      code == errc::outcome_unknown) {
    return true;
  }
  // 10009: no leader yet; 10013, 10148: the name is taken
  const int value = code.category() == jetstream_category() ? code.value() : 0;
  return value == 10009 || value == 10013 || value == 10148 || is_refusal(code);
}

}  // namespace

ordered_consumer::ordered_consumer(consumer_settings settings, time_point now)
    : settings_(std::move(settings)),
      backoff_(std::chrono::milliseconds(100), std::chrono::seconds(10), settings_.seed),
      give_up_at_(now + settings_.first_timeout) {}

void ordered_consumer::connected(bool filter_lists, time_point now, std::uint64_t max_request) {
  if (ended()) return;
  filter_lists_ = filter_lists;
  max_request_ = max_request;
  begin(now);
}

void ordered_consumer::disconnected() {
  if (ended()) return;
  if (!name_.empty()) stale_names_.push_back(std::exchange(name_, {}));
  removals_ = 0;
  forget_flow();
  commands_.clear();
  stage_ = stage::offline;
}

void ordered_consumer::begin(time_point now) {
  if (!plan()) return;
  choose_way_on();
  ++epoch_;
  while (removals_ < stale_names_.size())
    commands_.push_back(consumer_command::remove{stale_names_[removals_++]});
  consumer_sequence_ = received_ = target_ = pending_ = last_received_ = repeated_ = news_ = 0;
  shown_ = proof_ = 0;
  rounds_ = stalls_ = locating_ = lags_ = 0;
  target_known_ = twice_ = heard_ = false;
  forget_flow();
  last_activity_ = now;
  if (established_ && taken_ < room_at_) {
    stage_ = stage::full;
    commands_.push_back(consumer_command::unsubscribe{});
    return;
  }
  stage_ = stage::inspecting;
  commands_.push_back(consumer_command::subscribe{settings_.deliver_prefix + std::to_string(epoch_)});
  commands_.push_back(consumer_command::inspect{epoch_});
}

void ordered_consumer::leave_epoch() {
  forget_flow();
  if (name_.empty()) return;
  stale_names_.push_back(std::exchange(name_, {}));
  commands_.push_back(consumer_command::remove{stale_names_[removals_++]});
}

void ordered_consumer::begin_anew(time_point now) {
  leave_epoch();
  pause_or_begin(now);
}

// A new consumer would begin with a new window: whoever does not read would get one more with each connection.
void ordered_consumer::forget_flow() {
  if (!withheld_.empty()) room_at_ = withheld_.front().first;
  withheld_.clear();
}

// At once when the last beginning has held for a while, else after a growing pause: never a storm of consumers.
void ordered_consumer::pause_or_begin(time_point now) {
  if (stage_ == stage::live && now - live_since_ > 2 * settings_.heartbeat) backoff_.reset();
  const bool first_trouble = stage_ == stage::live && now - live_since_ > 2 * settings_.heartbeat;
  if (first_trouble) return begin(now);
  commands_.push_back(consumer_command::unsubscribe{});
  ++epoch_;  // what still comes for the old one is nobody's
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
  if (!check_lineage(reply.value, now) || asked_again) return;
  stale_names_.clear();  // the server read their removal before this request
  removals_ = 0;
  boundary_ = reply.value.status.last_revision;
  history_ = reply.value.status.config.history();
  replicas_ = reply.value.status.config.replicas();
  // What was given counts by the boundary that it was given under.
  if (!established_ && last_given_ == 0) first_boundary_ = boundary_;
  send_create();
}

// The last revision of each key comes as a list that can only be asked for from its beginning. Where a beginning brought more
// of what was given than of what was not, the next one might bring nothing else: the rest is asked for by sequence, with
// revisions that were replaced, so that the boundary up to which each key comes once is here. With a history of one there
// are none of these, and what comes by sequence is the rest of the list.
void ordered_consumer::choose_way_on() noexcept {
  if (by_sequence_ || initial_complete_ || repeated_ <= news_) return;
  by_sequence_ = true;
  first_boundary_ = std::min(first_boundary_, next_sequence() - 1);
}

jetstream::deliver_policy ordered_consumer::policy() const noexcept {
  using jetstream::deliver_policy;
  const bool nothing_yet = last_given_ == 0 && position_ == 0;
  const bool last_ones = settings_.deliver == deliver_policy::last_per_subject;
  if (last_ones && !initial_complete_ && !by_sequence_ && (history_ != 1 || nothing_yet))
    return settings_.deliver;
  // What came although the create reply was lost counts: `new` a second time would leave a gap behind it.
  const bool unchanged = nothing_yet && !initial_complete_ && !by_sequence_;
  return unchanged ? settings_.deliver : deliver_policy::by_start_sequence;
}

// Once for each kind of server, for it may take a while. False: there are too many filters for one request.
bool ordered_consumer::plan() {
  const bool lists = filter_lists_ && !lists_refused_;
  if (planned_lists_ != lists) {
    plan_ = jetstream::plan_filters(settings_.filters, lists);
    planned_lists_ = lists;
    subjects_.clear();
    for (const std::string& filter : plan_.server) subjects_.push_back(settings_.key_prefix + filter);
    asked_ = {};
    kept_ = {};
    if (plan_.server.size() > 1) asked_.add_all(settings_.filters);
    kept_.add_all(plan_.client);
    jetstream::consumer_request largest = make_request();
    const std::string longest = settings_.deliver_prefix + std::to_string(UINT64_MAX);
    largest.name = largest.deliver_subject = longest;
    largest.deliver = jetstream::deliver_policy::by_start_sequence;
    largest.start_sequence = UINT64_MAX;
    largest_request_ = jetstream::consumer_create_request(largest).size();
  }
  if (subjects_.size() <= 1 || largest_request_ <= max_request_) return true;
  end(client_error::filter_list_too_long, std::to_string(subjects_.size()) + " filters make a request of " +
                                              std::to_string(largest_request_) + " bytes, the server takes " +
                                              std::to_string(max_request_));
  return false;
}

jetstream::consumer_request ordered_consumer::make_request() const {
  jetstream::consumer_request request;
  request.stream = settings_.stream;
  request.filter_subjects = subjects_;
  request.heartbeat_ns = settings_.heartbeat.count();
  request.headers_only = settings_.headers_only;
  request.within_limits = within_limits_;
  return request;
}

void ordered_consumer::send_create() {
  name_ = settings_.name_prefix + std::to_string(epoch_);
  if (!plan()) return;
  jetstream::consumer_request request = make_request();
  const std::string deliver_subject = settings_.deliver_prefix + std::to_string(epoch_);
  request.name = name_;
  request.deliver_subject = deliver_subject;
  request.deliver = policy();
  walking_ =
      request.deliver == jetstream::deliver_policy::last_per_subject && (history_ != 1 || !filter_lists_);
  request.start_sequence = next_sequence();
  stage_ = stage::creating;
  commands_.push_back(consumer_command::create{epoch_, name_,
                                               subjects_.size() == 1 ? subjects_.front() : std::string(),
                                               jetstream::consumer_create_request(request)});
  ask_for_proof();
  // The stream may have been replaced since it was looked at. A consumer resumed beyond its end would wait for ever.
  if (established_ || last_given_ > 0) commands_.push_back(consumer_command::inspect{epoch_});
}

// A replica of a stream may be behind what its leader has confirmed: it has to show the leader's last message.
void ordered_consumer::ask_for_proof() {
  proof_ = 0;
  locating_ = 0;
  const bool has_initial = settings_.deliver != jetstream::deliver_policy::updates_only;
  if (replicas_ <= 1 || initial_complete_ || !has_initial) return;
  const bool all = plan_.server.size() == 1 && plan_.server.front() == ">";
  if (all || plan_.server.empty() || plan_.server.size() > most_located) {
    proof_ = boundary_;
    return;
  }
  locate_last();
}

void ordered_consumer::ask_for_end(time_point now) {
  if (++rounds_ > most_rounds) {
    if (unnamed_) return begin_anew(now);
    initial_complete_ = true;
    return;
  }
  proof_ = 0;
  shown_before_ = shown_;
  unnamed_ = false;
  locate_last();
}

void ordered_consumer::locate_last() {
  if (locate_denied_) {
    commands_.push_back(consumer_command::locate{epoch_, {}});
    ++locating_;
    return;
  }
  for (const std::string& filter : plan_.server) {
    commands_.push_back(consumer_command::locate{epoch_, settings_.key_prefix + filter});
    ++locating_;
  }
}

void ordered_consumer::on_located(std::uint64_t epoch, const jetstream::outcome<std::uint64_t>& last,
                                  time_point now) {
  if (epoch != epoch_ || locating_ == 0) return;
  --locating_;
  locate_denied_ = locate_denied_ || last.code == errc::permission_denied;
  if (rounds_ == 0) {
    proof_ = std::max(proof_, last.ok() ? std::min(last.value, boundary_) : boundary_);
  } else if (last.ok()) {
    proof_ = std::max(proof_, last.value);
  } else {
    unnamed_ = true;
    proof_ = std::max(proof_, shown_ + 1);  // the next message or heartbeat asks again
  }
  if (stage_ != stage::live) return;
  // What the leader names was shown before it was asked: nothing can have slipped behind it in between.
  if (rounds_ > 0 && locating_ == 0 && proof_ <= shown_before_) initial_complete_ = true;
  check_initial(now);
}

bool ordered_consumer::is_proven() const noexcept { return locating_ == 0 && shown_ >= proof_; }

void ordered_consumer::on_created(std::uint64_t epoch,
                                  const jetstream::outcome<jetstream::consumer_info>& reply, time_point now) {
  if (epoch != epoch_ || stage_ != stage::creating) return;
  if (!reply.ok()) {
    if (is_filter_error(reply.code) && plan_.server.size() > 1 && !lists_refused_) {
      lists_refused_ = true;
      name_.clear();
      return send_create();
    }
    if (jetstream::refuses_consumer_limits(reply.code) && !std::exchange(within_limits_, true)) {
      name_.clear();
      return send_create();
    }
    return failed(reply.code, reply.detail, now);
  }
  if (plan_.server.size() > 1 && reply.value.filter_subjects != plan_.server.size()) {
    lists_refused_ =
        true;  // dropped in silence: another server of the cluster is older than the one we talk to
    return begin_anew(now);
  }
  const bool first = !std::exchange(accepted_, true);
  code_ = {};
  detail_.clear();
  refusals_ = 0;
  stage_ = stage::live;
  live_since_ = last_activity_ = now;
  target_known_ = true;
  target_ = reply.value.num_pending;
  // Where it stands while nothing was delivered: a resumed watch starts there, not at the next update it gets.
  if (received_ == 0) {
    position_ = std::max(position_, reply.value.delivered_stream_sequence);
    pending_ = target_;
  }
  shown_ = std::max(shown_, reply.value.delivered_stream_sequence);
  if (settings_.deliver == jetstream::deliver_policy::updates_only && first && last_given_ == 0) {
    position_ = std::max(position_, boundary_);
  }
  heard_ = heard_ || reply.value.push_bound;
  if (heard_) establish(now);
  check_initial(now);
  // In a cluster the subscription may reach the consumer's node behind the request. Where nothing is pending the first
  // heartbeat would be long in coming; a server that never reports subscriptions is waited for all the same.
  const bool idle = !established_ && target_ == 0;
  if (idle && !std::exchange(bound_late_, true)) begin_anew(now);
}

void ordered_consumer::establish(time_point now) {
  if (std::exchange(established_, true)) return;
  if (settings_.deliver == jetstream::deliver_policy::updates_only) initial_complete_ = true;
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
  // While a server boots it may say that JetStream is not enabled.
  const bool passes = is_transient(code) || (established_ && code == errc::jetstream_not_enabled);
  if (!passes || is_final(code, now)) return end(code, detail);
  // Told if the time is over before it passes: what the server has said rather than that it says nothing more.
  if (!is_silence(code) || !code_) {
    // To set up a watch changes nothing that could be unknown.
    code_ = code == errc::outcome_unknown ? error_code(client_error::timeout) : code;
    detail_ = detail;
  }
  begin_anew(now);
}

// A refusal that is only repeated.
bool ordered_consumer::is_final(const error_code& code, time_point now) {
  if (is_silence(code)) return false;
  if (!is_refusal(code)) return refusals_ = 0, false;
  if (refusals_++ == 0) refused_since_ = now;
  const duration longest = established_ ? longest_refusal : longest_first_refusal;
  return refusals_ >= least_refusals && now - refused_since_ >= longest;
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
