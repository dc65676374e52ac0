// The buckets that an app uses: each is created or bound once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/app/condition.hpp>
#include <kvco/bucket.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/client.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kvco::handling {

class bucket_catalogue {
 public:
  explicit bucket_catalogue(client nats) : nats_(std::move(nats)), changed_(nats_.get_executor()) {}

  /// It is created if one of those that add it wants that. Throws app_error::options_conflict if the name breaks a rule.
  void add(std::string_view name, bool declare);
  /// The same with a configuration; throws app_error::options_conflict if there is one of this name.
  void add(bucket_config config, on_conflict conflict);
  /// The handle; the first call of a name requests it from the server, later calls do not. One that was not added is created.
  boost::asio::awaitable<bucket> open(std::string name);

 private:
  struct item {
    std::optional<bucket_config> config{};
    on_conflict conflict = on_conflict::keep;
    bool declare = false;
    bool is_opening = false;
    bucket opened{};
  };
  boost::asio::awaitable<bucket> request(std::string name) const;

  client nats_;
  condition changed_;
  std::map<std::string, item, std::less<>> items_;
};

}  // namespace kvco::handling
