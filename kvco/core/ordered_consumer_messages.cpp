// What arrives on a watch's subscription: entries, heartbeats, flow control - and the end of the initial data.
#include <kvco/core/ordered_consumer.hpp>

#include <algorithm>
#include <kvco/jetstream/ack_subject.hpp>

namespace kvco::core {
namespace {

// While others write faster than we read, keys can slip behind the end of what was counted at the beginning, again and
// again. Each round halves them at least; so many make losing one practically impossible and still end.
constexpr int most_rounds = 8;
// A consumer that stays stalled though everything was answered is broken (nats-server#8488).
constexpr int most_stalls = 3;

}  // namespace

const kvco::detail::entry_fields* ordered_consumer::on_message(const wire::event& message, time_point now) {
  if (stage_ != stage::live && stage_ != stage::creating) return nullptr;
  last_activity_ = now;
  const wire::headers header(message.header);
  if (header.status() != 0) return on_control(message, header, now), nullptr;

  const auto place = jetstream::parse_ack_subject(message.reply);
  if (!place || place->consumer_sequence != consumer_sequence_ + 1) return begin_anew(now), nullptr;
  stalls_ = 0;
  consumer_sequence_ = place->consumer_sequence;
  ++received_;
  last_received_ = place->stream_sequence;
  pending_ = place->pending;
  check_initial();

  if (place->stream_sequence <= last_given_) return nullptr;  // the initial data, asked for again
  last_given_ = place->stream_sequence;
  if (!message.subject.starts_with(settings_.key_prefix)) return nullptr;
  const std::string_view key = message.subject.substr(settings_.key_prefix.size());
  if (!wanted(key)) return nullptr;
  fields_.op = message.header.empty() ? operation::put : jetstream::operation_of(header);
  if (settings_.ignore_deletes && fields_.op != operation::put) return nullptr;

  fields_.bucket = settings_.bucket;
  fields_.key = key;
  fields_.value = message.payload;
  fields_.value_size = message.payload.size();
  if (settings_.headers_only) {
    fields_.value_size = wire::parse_number(header.find_last("Nats-Msg-Size").value_or("0")).value_or(0);
  }
  fields_.rev = place->stream_sequence;
  fields_.pending = place->pending;
  fields_.created_ns = place->timestamp_ns;
  ++given_;
  return &fields_;
}

bool ordered_consumer::wanted(std::string_view key) const noexcept {
  return plan_.client.empty() ||
         std::any_of(plan_.client.begin(), plan_.client.end(),
                     [&](const std::string& filter) { return jetstream::matches(filter, key); });
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
  // An idle heartbeat: nothing is left to deliver.
  if (!target_known_) return;
  initial_complete_ = true;
  position_ =
      std::max(position_, wire::parse_number(header.find("Nats-Last-Stream").value_or("")).value_or(0));
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

// Complete when nothing is pending, or when as many came as were counted at the beginning - and none of them was written
// after it. If one was, another writer replaced a key before its turn: its new revision stands behind, among what is
// pending now, so that much more has to come.
void ordered_consumer::check_initial() {
  if (initial_complete_ || !target_known_) return;
  if (target_ == 0 || (received_ > 0 && pending_ == 0)) {
    initial_complete_ = true;
  } else if (received_ >= target_) {
    initial_complete_ = last_received_ <= boundary_ || ++rounds_ > most_rounds;
    if (!initial_complete_) target_ = received_ + pending_;
  }
}

}  // namespace kvco::core
