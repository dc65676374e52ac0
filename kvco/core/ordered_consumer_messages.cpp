// The messages on a watch's subscription: entries, heartbeats, flow control, and the end of the initial data.
#include <kvco/core/ordered_consumer.hpp>

#include <algorithm>

namespace kvco::core {
namespace {

// A consumer that stays stalled though everything was answered is broken (nats-server#8488).
constexpr int max_stalls = 3;

}  // namespace

const kvco::detail::entry_fields* ordered_consumer::on_message(const wire::event& message, time_point now) {
  if (stage_ != stage::live && stage_ != stage::creating) return nullptr;
  last_activity_ = now;
  heard_ = true;
  if (stage_ == stage::live) establish(now);
  const wire::headers header(message.header);
  // A stored message may have a status of its own, so only the reply subject distinguishes an entry.
  const auto place = jetstream::parse_ack_subject(message.reply);
  if (!place && header.status() != 0) return on_control(message, header, now), nullptr;
  if (!place || place->consumer_sequence != consumer_sequence_ + 1) return begin_anew(now), nullptr;
  stalls_ = 0;
  consumer_sequence_ = place->consumer_sequence;
  initial_.on_entry(place->stream_sequence, place->pending);
  check_initial(now);

  const std::size_t bytes = message.subject.size() + message.header.size() + message.payload.size();
  (place->stream_sequence <= last_given_ ? repeated_ : news_) += bytes;
  if (place->stream_sequence <= last_given_) return nullptr;  // the initial data, asked for again
  // A server takes a start after its last message as "new messages only".
  if (place->stream_sequence < settings_.start_sequence) return nullptr;
  return give(message, header, *place);
}

const kvco::detail::entry_fields* ordered_consumer::give(const wire::event& message,
                                                         const wire::headers& header,
                                                         const jetstream::delivery_position& place) {
  // A replica that lags behind takes entries that existed when the watch began for new ones: then only the
  // entries delivered are known.
  position_ = std::min(position_, place.stream_sequence);
  last_given_ = place.stream_sequence;
  last_given_ns_ = place.timestamp_ns;
  if (!message.subject.starts_with(settings_.key_prefix)) return nullptr;
  const std::string_view key = message.subject.substr(settings_.key_prefix.size());
  if (!plan_.wants(key, stage_ != stage::creating)) return nullptr;
  fields_.op = message.header.empty() ? operation::put : jetstream::operation_of(header);
  if (settings_.ignore_deletes && fields_.op != operation::put) return nullptr;

  fields_.bucket = settings_.bucket;
  fields_.key = key;
  const bool has_value =
      fields_.op == operation::put;  // other content that publishers put into a tombstone is not a value
  fields_.value = has_value ? message.payload : std::string_view();
  fields_.value_size = fields_.value.size();
  if (settings_.headers_only && has_value) {
    fields_.value_size = wire::parse_number(header.find_last("Nats-Msg-Size").value_or("0")).value_or(0);
  }
  fields_.rev = place.stream_sequence;
  fields_.pending = place.pending;
  fields_.created_ns = place.timestamp_ns;
  window_.give();
  return &fields_;
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
    if (!window_.is_withholding() && ++stalls_ > max_stalls) return begin_anew(now);
    return grant(*stalled);
  }
  if (!initial_.is_counted()) return;
  const auto place = wire::parse_number(header.find("Nats-Last-Stream").value_or("")).value_or(0);
  position_ = std::max(position_, place);
  follow(initial_.on_idle(place), now);
}

void ordered_consumer::grant(std::string_view flow_subject) {
  window_.request(flow_subject);
  answer_flow();
}

void ordered_consumer::consumed(std::uint64_t total) {
  window_.take(total);
  answer_flow();
}

void ordered_consumer::answer_flow() {
  while (window_.is_due()) commands_.push_back(consumer_command::flow{window_.take_due()});
}

void ordered_consumer::check_initial(time_point now) {
  if (established_ && !initial_.complete()) follow(initial_.check(), now);
}

void ordered_consumer::follow(initial_data::step next, time_point now) {
  using step = initial_data::step;
  if (next == step::wait) return;
  if (next == step::locate) return locate_last();
  if (next == step::begin_again) return begin_anew(now);
  by_sequence_ = by_sequence_ || next == step::follow;
  leave_epoch();
  begin(now);
}

}  // namespace kvco::core
