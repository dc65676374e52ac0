// request_many(): a subscription to the replies of one request.
#include <kvco/core/message_rules.hpp>
#include <kvco/net/inbound.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/timeouts.hpp>
#include <kvco/wire/headers.hpp>
#include <utility>

namespace kvco::net {
namespace {

class gathering final : public inbound, private core::timed {
 public:
  gathering(std::shared_ptr<session> owner, std::string inbox, core::frame request,
            const gather_options& options)
      : inbound(std::move(owner), std::move(inbox),
                {.max_pending = SIZE_MAX, .max_messages = options.max_replies, .diag = options.diag}),
        request_(std::move(request)),
        until_(session_->now() + timeout_or_default(*session_, options.timeout)),
        stall_(options.stall),
        until_empty_(options.until_empty) {
    session_->set_deadline(*this, until_);
  }
  ~gathering() override { session_->clear_deadline(*this); }

 private:
  bool accepts(const wire::event& message) override {
    if (!message.header.empty() && !has_reply_ && message.payload.empty() &&
        wire::headers(message.header).no_responders()) {
      return end(client_error::no_responders, "nobody answers on this subject"), false;
    }
    if (until_empty_ && message.payload.empty()) return end({}, {}), false;
    return true;
  }
  void on_queued() override {
    has_reply_ = true;
    if (stall_.count() != 0) session_->set_deadline(*this, std::min(until_, session_->now() + stall_));
  }
  // Behind the subscription for its replies.
  void on_subscribed() override {
    if (!session_->publish(request_)) end(client_error::connection_lost, "the write buffer is full");
  }
  void on_lost(const std::string& words) override { end(client_error::connection_lost, words); }
  void end(error_code code, const std::string& words) noexcept override {
    session_->clear_deadline(*this);
    inbound::end(code, words);
  }
  void on_deadline(core::time_point) override { end({}, {}); }

  core::frame request_;
  core::time_point until_;
  duration stall_;
  bool until_empty_;
  bool has_reply_ = false;
};

detail::refusal check(std::string_view subject, const gather_options& options) {
  if (auto refused = core::check_message(subject, options.headers)) return refused;
  if (auto refused = check_timeout(options.timeout)) return refused;
  if (options.stall.count() < 0) return {client_error::timeout_negative, "stall is negative"};
  return {};
}

}  // namespace

std::shared_ptr<inbound> gather(std::shared_ptr<session> session, std::string_view subject,
                                std::string_view payload, const gather_options& options) {
  const std::string header = core::encode_headers(options.headers);
  auto refused = check(subject, options);
  if (!refused) refused = session->requests().check_size(header.size() + payload.size());
  // Not below the inbox of requests: that has one subscription for all.
  std::string inbox = session->settings().inbox_prefix() + '.' + session->unique_name();
  core::frame request;
  if (!refused) {
    request = core::frame({.subject_prefix = {},
                           .subject = subject,
                           .inbox_prefix = {},
                           .header = header,
                           .payload = payload,
                           .reply_to = inbox});
  }
  auto made = std::make_shared<gathering>(session, std::move(inbox), std::move(request), options);
  made->begin(std::move(refused));
  return made;
}

}  // namespace kvco::net
