// A handler as it was registered.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <kvco/app/delivery.hpp>
#include <kvco/app/error_policy.hpp>
#include <kvco/app/handler_options.hpp>
#include <kvco/app/pattern.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kvco {

/// Returns the text that was stored last; empty: the watch begins as its options define.
using load_position = std::function<boost::asio::awaitable<std::string>()>;
/// Stores a text of at most 400 bytes. It is called again if it throws.
using save_position = std::function<boost::asio::awaitable<void>(std::string)>;

namespace handling {

struct handler_plan {
  handler_plan(bool watches, std::string_view pattern_text, adapted_handler handler)
      : is_watch(watches), pattern(pattern_text), call(std::move(handler)) {}

  bool is_watch = true;
  key_pattern pattern;
  adapted_handler call;
  std::optional<adapted_handler> on_delete;

  std::string name;
  std::string bucket;  // of a watch; or the one that a handler of messages takes; may be empty
  failure_rules on_error;
  std::size_t concurrency = 1, max_queued = 256;
  bool required = true;

  watch_options watch;  // its texts are not used
  std::string position_bucket, position_key;
  duration position_interval = stored_position().interval;
  load_position load;
  save_position save;

  std::string queue;
  std::size_t max_pending = 0;
};

// Throw a system_error of app_error.
handler_plan plan_watch(std::string_view bucket, std::string_view pattern, adapted_handler handler,
                        const watch_handler_options& options);
handler_plan plan_messages(std::string_view subject, adapted_handler handler,
                           const message_handler_options& options);
void set_on_delete(handler_plan& plan, adapted_handler handler);
void set_position(handler_plan& plan, load_position load, save_position save);

}  // namespace handling
}  // namespace kvco
