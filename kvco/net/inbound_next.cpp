// next(): takes a message of a subscription, or waits for one.
#include <boost/asio/error.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/inbound.hpp>
#include <kvco/net/session.hpp>
#include <memory>
#include <string>
#include <utility>

namespace kvco::net {
namespace {

using value_type = std::optional<message>;

class next_message final : public detail::operation<value_type>,
                           public inbound_waiter,
                           public core::ready_task {
 public:
  explicit next_message(std::shared_ptr<inbound> from)
      : from_(std::move(from)), executor_(from_->owner()->executor()) {}

  void start(detail::handler_ptr<value_type> completion) noexcept override {
    completion_ = std::move(completion);
    if (from_->is_waiting()) return end(client_error::already_waiting, "next() while another one waits");
    slot_.connect(completion_, this);
    from_->wait(*this);
    if (from_->available()) make_ready();
  }
  const asio::any_io_executor& executor() const noexcept override { return executor_; }

  void cancel() noexcept {
    if (!code_) end(asio::error::operation_aborted, {});
  }

 private:
  void on_available() override { make_ready(); }
  void make_ready() {
    if (std::exchange(queued_, true)) return;
    from_->owner()->ready(*this);
  }
  void end(error_code code, std::string detail) {
    code_ = code;
    detail_ = std::move(detail);
    from_->forget(*this);
    make_ready();
  }
  // The message is taken when the user gets it: a cancelled or destroyed operation loses none.
  void run() override {
    const std::unique_ptr<next_message> self(this);
    slot_.clear();
    from_->forget(*this);
    value_type value;
    if (!code_ && !from_->available()) return wait_again();
    if (!code_) value = from_->take();
    if (!code_ && !value) {
      code_ = from_->code();
      detail_ = from_->detail();
    }
    if (!code_) return completion_.release()->complete({}, nullptr, std::move(value));
    diagnostics known{.text = std::move(detail_)};
    complete<value_type>(std::move(completion_), code_, std::move(known), nullptr, std::move(value));
  }
  // It was taken by the fast way of another call in between.
  void wait_again() {
    auto again = std::make_unique<next_message>(from_);
    again.release()->start(std::move(completion_));
  }
  void drop() noexcept override { queued_ ? from_->forget(*this) : abandon(); }
  void abandon() noexcept override {
    from_->forget(*this);
    delete this;
  }

  std::shared_ptr<inbound> from_;
  asio::any_io_executor executor_;
  detail::handler_ptr<value_type> completion_;
  slot_link slot_;
  error_code code_;
  std::string detail_;
  bool queued_ = false;
};

}  // namespace

bool is_usable(const std::shared_ptr<inbound>& from) {
  if (from) from->owner()->entrance().check();
  return from != nullptr;
}

detail::operation_ptr<value_type> prepare_next(const std::shared_ptr<inbound>& from) {
  if (!is_usable(from)) return {};
  return std::make_unique<next_message>(from);
}

// A message that is there already is taken without a turn of the reactor.
asio::awaitable<value_type> next(std::shared_ptr<inbound> from) {
  if (is_usable(from) && !from->is_waiting() && from->queued() > 0) co_return from->take();
  auto waiting = prepare_next(from);
  from.reset();
  co_return co_await detail::initiate(std::move(waiting), default_token());
}

}  // namespace kvco::net
