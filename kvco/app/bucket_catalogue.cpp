// Creates and binds the buckets of an app.
#include <kvco/app/bucket_catalogue.hpp>

#include <kvco/app/app_error.hpp>
#include <kvco/names.hpp>
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

boost::asio::awaitable<bucket> bucket_catalogue::open(std::string name) {
  item& wanted = items_.try_emplace(name, item{.declare = true}).first->second;
  while (wanted.is_opening) co_await changed_.wait();
  if (wanted.opened) co_return wanted.opened;
  struct opening {
    item& one;
    condition& changed;
    ~opening() {
      one.is_opening = false;
      changed.notify();
    }
  };
  wanted.is_opening = true;
  const opening in_flight{wanted, changed_};
  wanted.opened = co_await request(std::move(name));
  co_return wanted.opened;
}

boost::asio::awaitable<bucket> bucket_catalogue::request(std::string name) const {
  const item& wanted = items_.find(name)->second;
  if (!wanted.declare) co_return co_await nats_.open_bucket(name);
  bucket_config config = wanted.config ? *wanted.config : bucket_config(name);
  ensure_options options{.on_conflict = wanted.conflict};
  co_return co_await nats_.ensure_bucket(std::move(config), options);
}

}  // namespace kvco::handling
