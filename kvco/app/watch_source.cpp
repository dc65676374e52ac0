// The entries of a watch, for its handler.
#include <kvco/app/delivery_source.hpp>

#include <kvco/app/app_error.hpp>
#include <kvco/resume_token.hpp>
#include <kvco/watcher.hpp>
#include <optional>
#include <utility>

namespace kvco::handling {
namespace {

namespace asio = boost::asio;

class watch_source final : public delivery_source {
 public:
  watch_source(std::shared_ptr<app_core> core, std::shared_ptr<const handler_plan> plan)
      : core_(std::move(core)), plan_(std::move(plan)) {}

  asio::awaitable<void> open(std::string position) override {
    bucket_ = co_await core_->buckets.open(plan_->bucket);
    watch_options options = plan_->watch;
    if (!position.empty()) continue_at(position, options);
    watcher_ = bucket_.watch(plan_->pattern.filter(), options);
  }
  asio::awaitable<void> ready() override { co_await watcher_.ready(); }

  asio::awaitable<delivery_ptr> next() override {
    if (!is_initial_over_) {
      std::optional<entry> e = co_await watcher_.next_initial();
      if (e) co_return made(std::move(*e), true);
      is_initial_over_ = true;
      core_->changed.notify();
    }
    std::optional<entry> e = co_await watcher_.next();
    co_return e ? made(std::move(*e), false) : nullptr;
  }

  void stop() noexcept override { watcher_.stop(); }
  void abandon() noexcept override { watcher_.stop(); }
  bool initial_complete() const noexcept override { return watcher_.initial_complete(); }
  std::uint64_t conflated() const noexcept override { return watcher_.conflated(); }
  std::string position_after(revision rev) const override {
    detail::entry_fields fields;
    fields.rev = rev;
    return to_string(watcher_.resume_token(entry(fields)));
  }

 private:
  static void continue_at(const std::string& position, watch_options& options) {
    const std::optional<resume_token> token = resume_token::parse(position);
    if (!token || !*token) refuse(app_error::position_malformed, '"' + position + '"');
    options.include_history = false;
    options.updates_only = false;
    options.resume_after = *token;
  }

  delivery_ptr made(entry e, bool is_initial) {
    auto item = std::make_shared<delivery>();
    item->stored = std::move(e);
    item->key = item->stored.key();
    item->number = ++count_;
    item->taken_to = watcher_.progress();
    item->nats = core_->nats;
    item->from = bucket_;
    item->found = captures(plan_->pattern, item->key);
    item->context = {.is_initial = is_initial, .revision = item->stored.revision()};
    return item;
  }

  std::shared_ptr<app_core> core_;
  std::shared_ptr<const handler_plan> plan_;
  bucket bucket_;
  watcher watcher_;
  bool is_initial_over_ = false;  // for next()
  std::uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<delivery_source> make_watch_source(std::shared_ptr<app_core> core,
                                                   std::shared_ptr<const handler_plan> plan) {
  return std::make_unique<watch_source>(std::move(core), std::move(plan));
}

}  // namespace kvco::handling
