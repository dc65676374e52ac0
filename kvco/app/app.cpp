// Registration.
#include <kvco/app/app.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <kvco/app/app_state.hpp>
#include <utility>

namespace kvco {

registered_handler& registered_handler::position(load_position load, save_position save) {
  handling::set_position(loop_->plan_to_change(), std::move(load), std::move(save));
  return *this;
}

registered_handler& registered_handler::set_on_delete(handling::adapted_handler handler) {
  handling::set_on_delete(loop_->plan_to_change(), std::move(handler));
  return *this;
}

const std::string& registered_handler::name() const noexcept { return loop_->plan().name; }
handler_health registered_handler::health() const { return loop_->health(); }

app::app(client nats) {
  if (!nats) throw boost::system::system_error(client_error::closed, "kvco::app");
  state_ = std::make_shared<handling::app_state>(std::move(nats));
}

registered_handler app::add_watch(std::string_view bucket, std::string_view pattern,
                                  handling::adapted_handler handler, const watch_handler_options& options) {
  state_->check_registering();
  handling::handler_plan plan = handling::plan_watch(bucket, pattern, std::move(handler), options);
  state_->core->buckets.add(bucket, options.declare);
  return registered_handler(state_->add(std::move(plan)));
}

registered_handler app::add_watch(bucket_config bucket, std::string_view pattern,
                                  handling::adapted_handler handler, const watch_handler_options& options) {
  state_->check_registering();
  if (!options.declare)
    handling::refuse(app_error::options_conflict, "a configuration, and a bucket that is not declared");
  handling::handler_plan plan = handling::plan_watch(bucket.name(), pattern, std::move(handler), options);
  state_->core->buckets.add(std::move(bucket), options.on_conflict);
  return registered_handler(state_->add(std::move(plan)));
}

registered_handler app::add_subscription(std::string_view subject, handling::adapted_handler handler,
                                         const message_handler_options& options) {
  state_->check_registering();
  handling::handler_plan plan = handling::plan_messages(subject, std::move(handler), options);
  if (!plan.bucket.empty()) state_->core->buckets.add(plan.bucket, options.declare);
  return registered_handler(state_->add(std::move(plan)));
}

void app::add_hook(phase_hook when, handling::hook hook) {
  state_->check_registering();
  switch (when) {
    case phase_hook::on_startup:
      return state_->on_startup.push_back(std::move(hook));
    case phase_hook::after_startup:
      return state_->after_startup.push_back(std::move(hook));
    case phase_hook::on_shutdown:
      return state_->on_shutdown.push_back(std::move(hook));
    case phase_hook::after_shutdown:
      return state_->after_shutdown.push_back(std::move(hook));
  }
}

boost::asio::awaitable<void> app::run(run_options options) const {
  // In a coroutine of its own, for it changes how it is cancelled.
  return boost::asio::co_spawn(state_->core->nats.get_executor(), handling::app_state::run(state_, options),
                               boost::asio::use_awaitable);
}
void app::stop() const { state_->core->stop({}); }

boost::asio::awaitable<void> app::ready() const {
  // In a coroutine of its own, which is cancelled as others are.
  return boost::asio::co_spawn(state_->core->nats.get_executor(),
                               handling::app_state::wait_until_ready(state_), boost::asio::use_awaitable);
}
bool app::is_ready() const { return state_->is_ready(); }

boost::asio::awaitable<bucket> app::key_value(std::string name) const {
  const auto open = [](std::shared_ptr<handling::app_core> core,
                       std::string wanted) -> boost::asio::awaitable<bucket> {
    co_return co_await core->buckets.open(std::move(wanted));
  };
  return open(state_->core, std::move(name));
}

app_phase app::phase() const noexcept { return state_->core->life.phase(); }

std::vector<handler_health> app::health() const {
  std::vector<handler_health> all;
  for (const auto& each : state_->loops) all.push_back(each->health());
  return all;
}

void app::log(log_level min, std::function<void(const log_record&)> function) {
  state_->core->min_level = min;
  state_->core->log = function ? std::make_shared<const log_function>(std::move(function)) : nullptr;
}

}  // namespace kvco
