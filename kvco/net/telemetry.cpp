// The events of a session.
#include <kvco/net/telemetry.hpp>

#include <boost/asio/post.hpp>

namespace kvco::net {
namespace {

namespace asio = boost::asio;

log_level level_of(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::connected:
    case event_kind::reconnecting:
    case event_kind::watch_recreated:
    case event_kind::closed:
      return log_level::info;
    case event_kind::disconnected:
    case event_kind::connect_failed:
    case event_kind::lame_duck:
    case event_kind::write_buffer_full:
    case event_kind::slow_consumer:
      return log_level::warning;
    case event_kind::authentication_failed:
      return log_level::error;
  }
  return log_level::info;
}

std::string milliseconds(duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

std::shared_ptr<telemetry> telemetry::of(const asio::any_io_executor& executor, const config& settings) {
  if (!settings.observe().on_event() && !settings.observe().log()) return nullptr;
  return std::make_shared<telemetry>(executor, settings);
}

telemetry::telemetry(asio::any_io_executor executor, const config& settings)
    : executor_(std::move(executor)),
      on_event_(settings.observe().on_event()),
      on_log_(settings.observe().log()),
      least_(settings.observe().min_log_level()) {}

void telemetry::report(client_event what) {
  news item;
  item.is_event = true;
  item.level = level_of(what.kind);
  item.message = to_string(what.kind);
  const auto add = [&](std::string_view name, std::string value) {
    if (!value.empty()) item.fields.emplace_back(name, std::move(value));
  };
  if (on_log_ && item.level >= least_) {
    add("server", what.server);
    add("bucket", what.bucket);
    if (what.reason) add("reason", what.reason.message());
    add("detail", what.detail);
    if (what.attempt != 0) add("attempt", std::to_string(what.attempt));
    if (what.delay.count() != 0) add("delay_ms", milliseconds(what.delay));
    if (what.bytes != 0) add("bytes", std::to_string(what.bytes));
  }
  item.event = std::move(what);
  queue(std::move(item));
}

void telemetry::log(log_level level, std::string_view message, fields with) {
  if (!on_log_ || level < least_) return;
  news item;
  item.level = level;
  item.message = message;
  for (const auto& [name, value] : with) item.fields.emplace_back(name, value);
  queue(std::move(item));
}

void telemetry::queue(news what) {
  if (muted_) return;
  queue_.push_back(std::move(what));
  if (std::exchange(posted_, true)) return;
  asio::post(executor_, [self = shared_from_this()] { self->deliver(); });
}

void telemetry::deliver() {
  struct end_of_turn {  // even if a function throws: the others are still called
    telemetry& self;
    ~end_of_turn() {
      self.posted_ = !self.queue_.empty() && !self.muted_;
      if (self.posted_) asio::post(self.executor_, [again = self.shared_from_this()] { again->deliver(); });
    }
  } end{*this};
  while (!queue_.empty() && !muted_) {
    const news next = std::move(queue_.front());
    queue_.pop_front();
    deliver(next);
  }
}

void telemetry::deliver(const news& what) {
  if (on_log_ && what.level >= least_) {
    std::vector<log_field> shown;
    for (const auto& [name, value] : what.fields) shown.push_back({name, value});
    on_log_({what.level, what.message, shown});
  }
  // The function of the log may have ended the client.
  if (what.is_event && on_event_ && !muted_) on_event_(what.event);
}

}  // namespace kvco::net
