// A push consumer as nats-server runs it. Names of members follow server/consumer.go where that helps to compare.
#include <kvco_test/support/simulation/consumer_model.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>

namespace kvco::test {

using jetstream::deliver_policy;

consumer_model::consumer_model(generation server, consumer_shape shape, stream_model& stream,
                               core::time_point now)
    : server_(server),
      shape_(std::move(shape)),
      stream_(stream),
      window_(shape_.window),
      window_limit_(16 * shape_.window),
      heartbeat_at_(now + shape_.heartbeat) {
  choose_start();
  npc_ = count_pending();
  npf_ = stream_.last();
  initial_pending_ = pending();
  start_position_ = sseq_ - 1;
  stream_.observe(*this);
}

consumer_model::~consumer_model() { stream_.forget(*this); }

bool consumer_model::matches(const written& message) const {
  const std::string subject = shape_.key_prefix + message.key;
  return shape_.filters.empty() ||
         std::any_of(shape_.filters.begin(), shape_.filters.end(),
                     [&](const auto& filter) { return jetstream::matches(filter, subject); });
}

void consumer_model::choose_start() {
  switch (shape_.deliver) {
    case deliver_policy::all:
      sseq_ = stream_.first();
      break;
    case deliver_policy::updates_only:
      sseq_ = stream_.last() + 1;
      break;
    case deliver_policy::by_start_sequence:
      // Beyond the end: older servers take what comes next, 2.15 waits for that very sequence.
      sseq_ = server_ == generation::v2_15 ? shape_.start : std::min(shape_.start, stream_.last() + 1);
      break;
    case deliver_policy::last_per_subject:
      if (server_ != generation::v2_9 && stream_.history() == 1) {
        sseq_ = stream_.first();
        break;
      }
      for (const auto& [key, revisions] : stream_.keys()) {
        if (matches(stream_.at(revisions.back()))) list_.push_back(revisions.back());
      }
      std::sort(list_.begin(), list_.end());
      resume_ = stream_.last();
      sseq_ = list_.empty() ? resume_ : list_.front();
      break;
  }
  sseq_ = std::max(sseq_, std::max<std::uint64_t>(stream_.first(), 1));
}

std::int64_t consumer_model::count_pending() const {
  if (shape_.deliver == deliver_policy::last_per_subject) {
    return std::count_if(stream_.keys().begin(), stream_.keys().end(), [this](const auto& key) {
      return key.second.back() >= sseq_ && matches(stream_.at(key.second.back()));
    });
  }
  return std::count_if(stream_.log().begin(), stream_.log().end(), [this](const written& message) {
    return message.stored && message.seq >= sseq_ && matches(message);
  });
}

const written* consumer_model::load_next(std::uint64_t from) const {
  for (std::uint64_t seq = std::max<std::uint64_t>(from, 1); seq <= stream_.last(); ++seq) {
    if (stream_.has(seq) && matches(stream_.at(seq))) return &stream_.at(seq);
  }
  return nullptr;
}

const written* consumer_model::next() {
  end_of_stream_ = false;
  if (!list_.empty()) return next_of_list();
  const written* found = load_next(sseq_);
  end_of_stream_ = found == nullptr;
  const std::uint64_t reached = found != nullptr ? found->seq : stream_.last();
  if (reached >= sseq_) sseq_ = reached + 1;
  return found;
}

const written* consumer_model::next_of_list() {
  const std::uint64_t seq = list_.front();
  list_.pop_front();
  if (list_.empty()) {
    sseq_ = resume_;
  } else if (server_ == generation::v2_15) {
    sseq_ = seq;
  }
  if (server_ == generation::v2_9) {
    const written* found = load_next(seq);
    const std::uint64_t reached = found != nullptr ? found->seq : stream_.last();
    if (reached >= sseq_) sseq_ = reached + 1;
    end_of_stream_ = found == nullptr;
    return found;
  }
  ++sseq_;
  return stream_.has(seq) ? &stream_.at(seq) : nullptr;
}

bool consumer_model::step(core::time_point now, std::vector<delivery>& out) {
  if (!awake_) {
    if (!signalled_) return false;
    signalled_ = false;
    awake_ = true;
  }
  if (!active_ || unanswered_ > window_) return awake_ = false;
  const written* message = next();
  if (message == nullptr) {
    if (end_of_stream_ && sseq_ > stream_.last() && npc_ != 0) {
      npc_ = 0;
      npf_ = stream_.last();
    }
    return awake_ = false;
  }
  if (server_ != generation::v2_9 || npc_ > 0) --npc_;
  deliver(*message, out);
  heartbeat_at_ = now + shape_.heartbeat;
  return true;
}

void consumer_model::deliver(const written& message, std::vector<delivery>& out) {
  delivery sent;
  sent.to = shape_.deliver_subject;
  sent.subject = shape_.key_prefix + message.key;
  sent.reply = "$JS.ACK." + shape_.stream + "." + shape_.name + ".1." + std::to_string(message.seq) + "." +
               std::to_string(dseq_++) + ".1700000000000000000." + std::to_string(pending());
  sent.header = message.header;
  sent.payload = message.payload;
  sent.incarnation = stream_.incarnation();
  if (shape_.headers_only) {
    const std::string size = "Nats-Msg-Size: " + std::to_string(sent.payload.size()) + "\r\n\r\n";
    sent.header =
        sent.header.empty() ? "NATS/1.0\r\n" + size : sent.header.substr(0, sent.header.size() - 2) + size;
    sent.payload.clear();
  }
  const auto bytes = static_cast<std::int64_t>(sent.subject.size() + sent.reply.size() + sent.header.size() +
                                               sent.payload.size());
  out.push_back(std::move(sent));
  unanswered_ += bytes;
  if (flow_.empty() && unanswered_ > window_ / 2) {
    flow_ = "$JS.FC." + shape_.stream + "." + shape_.name + "." + std::to_string(++flows_);
    flow_size_ = unanswered_;
    out.push_back({shape_.deliver_subject,
                   shape_.deliver_subject,
                   flow_,
                   "NATS/1.0 100 FlowControl Request\r\n\r\n",
                   {},
                   flow_,
                   false,
                   0});
  } else if (!flow_.empty() && unanswered_ - flow_size_ >= window_) {
    flow_size_ += bytes;
  }
}

void consumer_model::on_time(core::time_point now, std::vector<delivery>& out) {
  if (awake_ || now < heartbeat_at_) return;
  heartbeat_at_ = now + shape_.heartbeat;
  awake_ = true;
  if (!active_) return;
  std::string header = "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: " + std::to_string(dseq_ - 1) +
                       "\r\nNats-Last-Stream: " + std::to_string(sseq_ - 1) + "\r\n";
  if (!flow_.empty()) header += "Nats-Consumer-Stalled: " + flow_ + "\r\n";
  out.push_back({shape_.deliver_subject, shape_.deliver_subject, {}, header + "\r\n", {}, flow_, true, 0});
}

void consumer_model::answer(std::string_view flow_subject) {
  if (flow_broken_ || flow_.empty() || flow_subject != flow_) return;
  window_ = std::min(2 * window_, window_limit_);
  unanswered_ = std::max<std::int64_t>(unanswered_ - flow_size_, 0);
  flow_.clear();
  flow_size_ = 0;
  signalled_ = true;
}

void consumer_model::set_active(bool active) noexcept {
  active_ = active;
  signalled_ = true;
}

void consumer_model::on_stored(const written& message) {
  if (!matches(message)) return;
  if (server_ == generation::v2_9) return count_in(message.seq);
  unheard_.push_back(message.seq);
}

bool consumer_model::hear() {
  if (unheard_.empty()) return false;
  count_in(unheard_.front());
  unheard_.pop_front();
  return true;
}

void consumer_model::count_in(std::uint64_t seq) {
  if (seq > npf_) ++npc_;
  if (seq >= sseq_ && active_) signalled_ = true;
}

void consumer_model::on_removed(const written& message) {
  if (message.seq < sseq_ || !matches(message)) return;
  if (server_ == generation::v2_9 && message.seq <= npf_) return;
  --npc_;
}

}  // namespace kvco::test
