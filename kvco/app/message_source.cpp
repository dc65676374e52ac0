// The messages of a subscription, for their handler.
#include <kvco/app/delivery_source.hpp>

#include <kvco/messaging/subscription.hpp>
#include <optional>
#include <utility>

namespace kvco::handling {
namespace {

namespace asio = boost::asio;

class message_source final : public delivery_source {
 public:
  message_source(std::shared_ptr<app_core> core, std::shared_ptr<const handler_plan> plan)
      : core_(std::move(core)), plan_(std::move(plan)) {}

  asio::awaitable<void> open(std::string) override {
    if (!plan_->bucket.empty()) bucket_ = co_await core_->buckets.open(plan_->bucket);
    subscription_ = core_->nats.subscribe(plan_->pattern.filter(),
                                          {.queue = plan_->queue, .max_pending = plan_->max_pending});
  }
  asio::awaitable<void> ready() override { co_await core_->nats.flush(); }

  asio::awaitable<delivery_ptr> next() override {
    std::optional<message> m = co_await subscription_.next();
    if (!m) co_return nullptr;
    auto item = std::make_shared<delivery>();
    item->received = std::move(*m);
    item->key = item->received.subject();
    item->number = ++count_;
    item->nats = core_->nats;
    item->from = bucket_;
    item->found = captures(plan_->pattern, item->key);
    co_return item;
  }

  void stop() noexcept override { subscription_.drain(); }
  void abandon() noexcept override { subscription_.stop(); }
  bool initial_complete() const noexcept override { return true; }
  std::uint64_t conflated() const noexcept override { return 0; }
  std::string position_after(revision) const override { return {}; }

 private:
  std::shared_ptr<app_core> core_;
  std::shared_ptr<const handler_plan> plan_;
  bucket bucket_;
  subscription subscription_;
  std::uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<delivery_source> make_message_source(std::shared_ptr<app_core> core,
                                                     std::shared_ptr<const handler_plan> plan) {
  return std::make_unique<message_source>(std::move(core), std::move(plan));
}

}  // namespace kvco::handling
