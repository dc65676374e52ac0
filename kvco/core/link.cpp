// The life of one connection: INFO, CONNECT + PING, PONG, then a ping at each interval.
#include <kvco/core/link.hpp>

#include <algorithm>
#include <kvco/detail/secret.hpp>
#include <kvco/wire/info.hpp>
#include <kvco/wire/writer.hpp>

namespace kvco::core {
namespace {

// More PONGs than these are not queued while none of them is written.
constexpr std::size_t max_queued_answers = 4096;

}  // namespace

void link::start(link_settings settings, time_point now) {
  settings_ = std::move(settings);
  phase_ = phase::wait_info;
  deadline_ = now + settings_.handshake_timeout;
  forget_pings();
  pings_out_ = 0;
  pongs_owed_ = 0;
  round_trip_ = {};
  detail_.clear();
  error_.reset();
}

void link::stop() noexcept {
  phase_ = phase::idle;
  forget_pings();
}

error_code link::on_event(const wire::event& event, time_point now) {
  using wire::event_kind;
  if (phase_ == phase::wait_info && event.kind != event_kind::info && event.kind != event_kind::err)
    return fail(client_error::not_a_nats_server, "the first operation was not INFO");
  switch (event.kind) {
    case event_kind::info:
      return on_info(event);
    case event_kind::err:
      return on_err(event.text);
    case event_kind::ok:
      return {};
    case event_kind::ping:
      ++pongs_owed_;
      answer_pings();
      return {};
    case event_kind::pong:
      return on_pong(now);
    case event_kind::msg:
      break;
  }
  return {};
}

error_code link::on_info(const wire::event& event) {
  auto info = wire::parse_info(event.text);
  if (!info) return fail(client_error::malformed_info, "INFO is no JSON object of the expected form");
  info_ = std::move(*info);
  if (info_.max_payload == 0) info_.max_payload = kvco::server_info().max_payload;
  info_.max_payload = std::min(info_.max_payload, settings_.max_payload);
  if (phase_ != phase::wait_info) return {};
  if (!info_.headers)
    return fail(client_error::unsupported_by_server, "the server offers no message headers");
  phase_ = phase::greeted;
  return {};
}

namespace {

// It holds secrets: no copy of it stays in the write buffers.
shared_bytes connect_line(std::string_view json) {
  std::string line;
  line.reserve(json.size() + 16);
  wire::append_connect(line, json);
  const auto bytes = detail::byte_block::make_secret(line.size());
  std::copy(line.begin(), line.end(), bytes->data());
  detail::overwrite(line.data(), line.size());
  return bytes;
}

}  // namespace

void link::send_connect(std::string_view connect_json, time_point now) {
  connect_sent_ = now;
  out_.append(connect_line(connect_json));
  wire::append_ping(out_.tail());
  connect_end_ = out_.end();
  phase_ = phase::wait_pong;
}

void link::answer_pings() {
  while (pongs_owed_ > 0 && out_.answer_bytes() < max_queued_answers) {
    std::string& to = out_.tail();
    const std::size_t before = to.size();
    wire::append_pong(to);
    out_.note_answer(to.size() - before);
    --pongs_owed_;
  }
}

error_code link::on_pong(time_point now) {
  const bool of_connect = phase_ == phase::wait_pong;
  if (!of_connect && pings_.empty()) return {};
  // From a peer that cannot have read the PING: it is unsolicited. That is harmless, and proves nothing.
  if ((of_connect ? connect_end_ : pings_.front().end) > out_.handed_over()) return {};
  pings_out_ = 0;
  if (of_connect) {
    phase_ = phase::ready;
    note_round_trip(connect_sent_, now);
    deadline_ = now + settings_.ping_interval;
    return {};
  }
  const sent_ping first = pings_.front();
  if (first.who != nullptr) first.who->place_ = nullptr;
  pings_.pop_front();
  log_.confirm();
  note_round_trip(first.at, now);
  if (first.who != nullptr) first.who->on_pong(now);
  return {};
}

void link::note_round_trip(time_point sent, time_point now) noexcept {
  if (sent != time_point()) round_trip_ = now - sent;
}

error_code link::on_err(std::string_view text) {
  error_ = parse_error_line(text);
  if (!error_->ends_connection()) {
    detail_ = std::string(text);
    return {};
  }
  using about = error_line::about;
  return fail(error_->what == about::login        ? client_error::authentication_failed
              : error_->what == about::late_login ? client_error::connect_timeout
              : error_->what == about::silence    ? client_error::stale_connection
                                                  : client_error::connection_lost,
              text);
}

error_code link::on_time(time_point now) {
  if (phase_ == phase::idle || now < deadline_) return {};
  if (phase_ == phase::wait_info) return fail(client_error::connect_timeout, "no INFO");
  if (phase_ == phase::greeted)
    return fail(client_error::connect_timeout, "TLS or the credentials took too long");
  if (phase_ == phase::wait_pong)
    return fail(client_error::connect_timeout, "no PONG after CONNECT and PING");
  deadline_ = now + settings_.ping_interval;
  if (pings_out_ >= settings_.max_pings_outstanding)
    return fail(client_error::server_silent, "pings were not answered");
  ++pings_out_;
  write_ping(nullptr, now);
  return {};
}

void link::ping(ping_waiter& who, time_point now) { write_ping(&who, now); }

void link::write_ping(ping_waiter* who, time_point now) {
  log_.fence(out_.end());
  wire::append_ping(out_.tail());
  pings_.push_back({who, now, out_.end()});
  if (who != nullptr) who->place_ = &pings_.back().who;  // the ends of a deque come and go, its elements stay
}

void link::forget(ping_waiter& who) noexcept {
  if (who.place_ != nullptr) *std::exchange(who.place_, nullptr) = nullptr;
}

void link::forget_pings() noexcept {
  for (const sent_ping& each : pings_) {
    if (each.who != nullptr) each.who->place_ = nullptr;
  }
  pings_.clear();
}

error_code link::fail(client_error code, std::string_view detail) {
  detail_ = std::string(detail);
  return code;
}

}  // namespace kvco::core
