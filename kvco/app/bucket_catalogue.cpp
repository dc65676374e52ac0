// Creates and opens the buckets of an app.
#include <kvco/app/bucket_catalogue.hpp>

#include <kvco/app/app_error.hpp>
#include <kvco/names.hpp>
#include <tuple>
#include <utility>

namespace kvco::handling {

void bucket_catalogue::add(std::string_view name, bool declare) {
  if (!is_valid_bucket_name(name))
    refuse(app_error::options_conflict, "the name of a bucket: \"" + std::string(name) + '"');
  item& found = items_[std::string(name)];
  found.declare = found.declare || declare;
}

void bucket_catalogue::add(bucket_config config, on_conflict conflict) {
  add(config.name(), true);
  item& found = items_.find(config.name())->second;
  if (found.config)
    refuse(app_error::options_conflict, "two configurations of the bucket \"" + config.name() + '"');
  found.config = std::move(config);
  found.conflict = conflict;
}

// key_value() refuses a bucket that differs, and on_conflict decides that: so it is given a name alone, after the configuration
// was applied.
boost::asio::awaitable<bucket> bucket_catalogue::open(std::string name) {
  const item& wanted = items_.try_emplace(name, item{.declare = true}).first->second;
  if (!wanted.config) co_return co_await nats_.key_value(name, {.declare = wanted.declare});
  if (wanted.is_applied) {
    std::tuple<error_code, bucket> found = co_await nats_.key_value(name, {.declare = false}, nothrow);
    if (!std::get<0>(found)) co_return std::get<1>(std::move(found));
  }
  co_await apply(name);
  co_return co_await nats_.key_value(name, {.declare = false});
}

boost::asio::awaitable<void> bucket_catalogue::apply(std::string name) {
  item& wanted = items_.find(name)->second;
  bucket_config config = *wanted.config;
  co_await nats_.ensure_bucket(std::move(config), {.on_conflict = wanted.conflict});
  wanted.is_applied = true;
}

}  // namespace kvco::handling
