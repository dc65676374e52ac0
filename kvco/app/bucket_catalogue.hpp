// The buckets that an app uses, with the configurations of its handlers. Their handles are kept by the client.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/bucket.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/client.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kvco::handling {

class bucket_catalogue {
 public:
  explicit bucket_catalogue(client nats) : nats_(std::move(nats)) {}

  /// It is created if one of those that add it wants that. Throws app_error::options_conflict if the name breaks a rule.
  void add(std::string_view name, bool declare);
  /// The same with a configuration; throws app_error::options_conflict if there is one of this name.
  void add(bucket_config config, on_conflict conflict);
  /// As client::key_value(), with the configuration of a bucket that does not exist. One that was not added is created.
  boost::asio::awaitable<bucket> open(std::string name);

 private:
  struct item {
    std::optional<bucket_config> config{};
    on_conflict conflict = on_conflict::keep;
    bool declare = false;
    bool is_applied = false;  // the configuration, as on_conflict decides
  };
  boost::asio::awaitable<void> apply(std::string name);

  client nats_;
  std::map<std::string, item, std::less<>> items_;
};

}  // namespace kvco::handling
