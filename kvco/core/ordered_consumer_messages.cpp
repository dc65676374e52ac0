// What arrives on a watch's subscription: entries, heartbeats, flow control - and the end of the initial data.
#include <kvco/core/ordered_consumer.hpp>

#include <algorithm>
#include <kvco/jetstream/ack_subject.hpp>

namespace kvco::core {
namespace {

// A consumer that stays stalled though everything was answered is broken (nats-server#8488).
constexpr int most_stalls = 3;
// A replica that is behind for so many heartbeats, and idle, is not waited for any longer.
constexpr int most_lags = 3;

}  // namespace

const kvco::detail::entry_fields* ordered_consumer::on_message(const wire::event& message, time_point now) {
  if (stage_ != stage::live && stage_ != stage::creating) return nullptr;
  last_activity_ = now;
  heard_ = true;
  if (stage_ == stage::live) establish(now);
  const wire::headers header(message.header);
  // A stored message may have a status of its own, so only the reply subject tells what is an entry.
  const auto place = jetstream::parse_ack_subject(message.reply);
  if (!place && header.status() != 0) return on_control(message, header, now), nullptr;
  if (!place || place->consumer_sequence != consumer_sequence_ + 1) return begin_anew(now), nullptr;
  stalls_ = 0;
  consumer_sequence_ = place->consumer_sequence;
  if (place->stream_sequence > last_received_) {
    ++received_;
  } else {
    twice_ = true;
  }
  last_received_ = place->stream_sequence;
  shown_ = std::max(shown_, last_received_);
  pending_ = place->pending;
  check_initial(now);

  const std::size_t bytes = message.subject.size() + message.header.size() + message.payload.size();
  (place->stream_sequence <= last_given_ ? repeated_ : news_) += bytes;
  if (place->stream_sequence <= last_given_) return nullptr;  // the initial data, asked for again
  // A server takes a start behind its last message for "what comes next".
  if (place->stream_sequence < settings_.start_sequence) return nullptr;
  // A replica that is behind takes for new what was there when the watch began: then nothing more is known than what was given.
  position_ = std::min(position_, place->stream_sequence);
  last_given_ = place->stream_sequence;
  last_given_ns_ = place->timestamp_ns;
  if (!message.subject.starts_with(settings_.key_prefix)) return nullptr;
  const std::string_view key = message.subject.substr(settings_.key_prefix.size());
  if (!wanted(key)) return nullptr;
  fields_.op = message.header.empty() ? operation::put : jetstream::operation_of(header);
  if (settings_.ignore_deletes && fields_.op != operation::put) return nullptr;

  fields_.bucket = settings_.bucket;
  fields_.key = key;
  const bool has_value = fields_.op == operation::put;  // what others have put into a tombstone is none
  fields_.value = has_value ? message.payload : std::string_view();
  fields_.value_size = fields_.value.size();
  if (settings_.headers_only && has_value) {
    fields_.value_size = wire::parse_number(header.find_last("Nats-Msg-Size").value_or("0")).value_or(0);
  }
  fields_.rev = place->stream_sequence;
  fields_.pending = place->pending;
  fields_.created_ns = place->timestamp_ns;
  ++given_;
  return &fields_;
}

bool ordered_consumer::wanted(std::string_view key) const noexcept {
  // Until the create reply has shown that the server took a list of filters, it is not relied on.
  const bool unsure = stage_ == stage::creating && plan_.server.size() > 1;
  const jetstream::filter_set& filters = unsure ? asked_ : kept_;
  return filters.empty() || filters.matches(key);
}

void ordered_consumer::on_control(const wire::event& message, const wire::headers& header, time_point now) {
  if (header.status() != 100) return;
  if (!message.reply.empty()) return grant(message.reply);
  on_heartbeat(header, now);
}

void ordered_consumer::on_heartbeat(const wire::headers& header, time_point now) {
  const auto sent = wire::parse_number(header.find("Nats-Last-Consumer").value_or(""));
  if (sent && *sent != consumer_sequence_) return begin_anew(now);
  if (const auto stalled = header.find("Nats-Consumer-Stalled")) {
    if (withheld_.empty() && ++stalls_ > most_stalls) return begin_anew(now);
    return grant(*stalled);
  }
  if (!target_known_) return;
  const auto place = wire::parse_number(header.find("Nats-Last-Stream").value_or("")).value_or(0);
  position_ = std::max(position_, place);
  if (initial_complete_) return;
  shown_ = std::max(shown_, place);
  if (walking_) return place < boundary_ ? leave_hole(now) : end_walk(now);
  // Idle and not complete: the replica is behind, or what was counted went without a replacement.
  if (shown_ < proof_ && ++lags_ >= most_lags) return begin_anew(now);
  check_initial(now);
  if (!initial_complete_ && !is_counted() && locating_ == 0 && stage_ == stage::live) ask_for_end(now);
}

// Backpressure: the answer to flow control waits until the user has taken what came before it. Each subject once.
void ordered_consumer::grant(std::string_view flow_subject) {
  const auto same = [&](const auto& open) { return open.second == flow_subject; };
  if (std::any_of(withheld_.begin(), withheld_.end(), same)) return;
  withheld_.emplace_back(given_, flow_subject);
  consumed(taken_);
}

void ordered_consumer::consumed(std::uint64_t total) {
  taken_ = total;
  while (!withheld_.empty() && withheld_.front().first <= taken_) {
    commands_.push_back(consumer_command::flow{std::move(withheld_.front().second)});
    withheld_.erase(withheld_.begin());
  }
}

// Complete when as many came as were counted at the beginning, and none of them was written after it. Else another
// writer replaced a key before its turn, or one was removed. `pending` does not tell then what is left: a server takes a
// replaced revision off at once, and counts the new one a moment later (srv: decStreamPending, processStreamSignal). So
// the leader is asked how far it is, until it names what the consumer had already shown.
void ordered_consumer::check_initial(time_point now) {
  if (initial_complete_ || !target_known_ || !established_) return;
  if (walking_ && target_ > 0) return check_walk(now);
  const bool more_to_come = rounds_ == 0 && received_ < target_ && pending_ > 0;
  if (is_counted()) {
    initial_complete_ = is_proven() || shown_ >= boundary_;
  } else if (!more_to_come && is_proven()) {
    ask_for_end(now);
  }
}

bool ordered_consumer::is_counted() const noexcept {
  return target_ == 0 || (received_ >= target_ && last_received_ <= boundary_);
}

// For last_per_subject with a history above 1, and always before 2.10, the server makes a list of revisions and walks
// it (srv: lastSeqSkipList). When one was replaced before its turn, 2.10 and later miscount `pending` from then on, and
// 2.9 sends what stands behind it, listed or not, perhaps twice. So `pending` is not believed. Complete when all that
// was listed came, from before the walk; else the rest, behind the boundary, is asked for by sequence.
void ordered_consumer::check_walk(time_point now) {
  if (last_received_ > boundary_) return end_walk(now);
  if (received_ < target_) return;
  const bool as_listed = filter_lists_ || (pending_ == 0 && !twice_);  // 2.9: nothing was written meanwhile
  if (!as_listed) return end_walk(now);
  initial_complete_ = is_proven();
}

// A server from 2.10 on falls idle in the middle of its list where a revision is gone (its key was purged, or expired),
// and goes on after a heartbeat: seconds for each. A new list has no holes; what was given is left out of it.
void ordered_consumer::leave_hole(time_point now) {
  if (!walking_ || !filter_lists_) return;
  leave_epoch();
  begin(now);
}

void ordered_consumer::end_walk(time_point now) {
  by_sequence_ = true;
  leave_epoch();
  begin(now);
}

}  // namespace kvco::core
