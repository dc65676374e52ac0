// Handlers of changes and messages, and the life of the program around them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <kvco/app/adapt_handler.hpp>
#include <kvco/app/app_error.hpp>
#include <kvco/app/handler_health.hpp>
#include <kvco/app/handler_options.hpp>
#include <kvco/app/handler_plan.hpp>
#include <kvco/app/lifecycle.hpp>
#include <kvco/bucket.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/client.hpp>
#include <kvco/observe/log.hpp>
#include <kvco/typed/default_codec.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kvco {

namespace handling {

class handler_loop;
struct app_state;

struct no_codec {};
template <class T>
struct codec_of_handler {
  using type = default_codec<T>;
};
template <>
struct codec_of_handler<entry> {
  using type = no_codec;
};
template <>
struct codec_of_handler<message> {
  using type = no_codec;
};

using hook = std::function<boost::asio::awaitable<void>()>;

}  // namespace handling

/// A handler of an app: a cheap handle, to complete its registration and to see how it is.
class registered_handler {
 public:
  /// Made by app::watch() and app::subscribe().
  explicit registered_handler(std::shared_ptr<handling::handler_loop> loop) noexcept
      : loop_(std::move(loop)) {}

  /// Deletions of keys go to this function instead: erased, purged and expired ones. Its parameters are those of a handler, and of
  /// the entry only kvco::entry, whose operation() distinguishes them.
  template <class Function>
  registered_handler& on_delete(Function function) {
    return set_on_delete(handling::adapt_handler<entry, handling::occasion::deletion, handling::no_codec>(
        std::move(function)));
  }
  /// A position in a store of your own, instead of watch_handler_options::position.
  registered_handler& position(load_position load, save_position save);

  /// In health, metrics and the log.
  const std::string& name() const noexcept;
  /// Its state at this moment.
  handler_health health() const;

 private:
  registered_handler& set_on_delete(handling::adapted_handler handler);

  std::shared_ptr<handling::handler_loop> loop_;
};

/// Handlers of the changes of buckets and of messages, and hooks around them. Registration is checked at once and sends nothing;
/// run() does the rest.
///
///     kvco::app app(nats);
///     app.watch<order>("SHOP_ORDERS", "orders.{region}.{id}", [](order o, std::string_view region, int id) { ... });
///     app.after_startup([&]() -> boost::asio::awaitable<void> { ... });
///     co_await app.run();  // until stop(), SIGINT or SIGTERM
///
/// \par Handlers
/// Functions, lambdas and function objects that return void or boost::asio::awaitable<void>. Their parameters decide with
/// which arguments they are called: first the value, then captures, the bucket, the client, the handler_context in any order; all are optional. References
/// and views are valid until the handler has ended. Handlers run as coroutines on the executor of the client.
///
/// \par Errors
/// Registration throws a boost::system::system_error of an app_error.
///
/// \par Lifetimes
/// A cheap handle. run() keeps the app; the client remains open after it.
///
/// \par Threads
/// As the client: run() is awaited on its executor.
class app {
 public:
  /// @param nats  not an empty handle: errc::closed
  explicit app(client nats);

  /// Calls the handler for the last entry of each key that matches the pattern, then for each change. A handler that takes T gets it
  /// decoded; deletions are passed to handlers that can distinguish them: by std::optional<T>, kvco::typed_entry<T>, kvco::entry, or
  /// with registered_handler::on_delete().
  ///
  /// @param bucket  created if it does not exist (watch_handler_options::declare)
  /// @param pattern  a key or a filter; a token may be `{name}`: see key_pattern
  /// @param handler  a function, or a coroutine
  /// @param options  see watch_handler_options
  template <class T = entry, class Codec = typename handling::codec_of_handler<T>::type, class Function>
  registered_handler watch(std::string_view bucket, std::string_view pattern, Function handler,
                           watch_handler_options options = {}) {
    return add_watch(bucket, pattern,
                     handling::adapt_handler<T, handling::occasion::entry, Codec>(std::move(handler)),
                     options);
  }
  /// The same with the configuration of a bucket that does not exist; see also watch_handler_options::on_conflict.
  template <class T = entry, class Codec = typename handling::codec_of_handler<T>::type, class Function>
  registered_handler watch(bucket_config bucket, std::string_view pattern, Function handler,
                           watch_handler_options options = {}) {
    return add_watch(std::move(bucket), pattern,
                     handling::adapt_handler<T, handling::occasion::entry, Codec>(std::move(handler)),
                     options);
  }

  /// Calls the handler for each message of a subject (core NATS: at most once).
  ///
  /// @param subject  a subject or a filter; a token may be `{name}`: see key_pattern
  /// @param handler  a function, or a coroutine
  /// @param options  see message_handler_options
  template <class T = message, class Codec = typename handling::codec_of_handler<T>::type, class Function>
  registered_handler subscribe(std::string_view subject, Function handler,
                               message_handler_options options = {}) {
    return add_subscription(
        subject, handling::adapt_handler<T, handling::occasion::message, Codec>(std::move(handler)), options);
  }

  // Hooks: functions without parameters that return void or awaitable<void>, called in the order of their registration.
  /// Before any handler is called: for objects that handlers need.
  template <class Function>
  void on_startup(Function hook) {
    add_hook(phase_hook::on_startup, handling_hook(std::move(hook)));
  }
  /// When all watches and subscriptions are established.
  template <class Function>
  void after_startup(Function hook) {
    add_hook(phase_hook::after_startup, handling_hook(std::move(hook)));
  }
  /// When it is stopped, before the handlers end.
  template <class Function>
  void on_shutdown(Function hook) {
    add_hook(phase_hook::on_shutdown, handling_hook(std::move(hook)));
  }
  /// When all handlers have ended.
  template <class Function>
  void after_shutdown(Function hook) {
    add_hook(phase_hook::after_shutdown, handling_hook(std::move(hook)));
  }

  /// Runs the hooks and the handlers, once, until stop(), a signal, or a failure that ends it; then drains: entries taken are
  /// handled, positions are stored.
  ///
  /// \par Errors
  /// The exception of a hook, or of a handler with after_failure::stop_app; the error with which a watch has ended, and
  /// errors of the beginning, with the name of the handler; app_error::drain_timeout. The app has drained before it throws, and the
  /// hooks of the shutdown were called. A start that was stopped is no error.
  /// \par Cancellation
  /// `terminal`: as a stop() that does not wait for the handlers; it throws operation_aborted.
  boost::asio::awaitable<void> run(run_options options = {}) const;
  /// Ends run(); also from a handler or a hook. In the start it cancels the hook, or the operation, that is awaited
  /// (`terminal`), and nothing further of the start is done.
  void stop() const;

  /// A bucket by its name, as client::key_value() returns it: created if it does not exist and no handler has `.declare = false`,
  /// with the configuration that a handler was registered with. It is requested once; after it was deleted it is created again.
  boost::asio::awaitable<bucket> key_value(std::string name) const;

  /// Completes when all watches and subscriptions are established, and each handler has handled its initial data: a program that
  /// makes a table of it has all of the table. A handler that has failed is not waited for: see health(). May be awaited before
  /// run(), and in after_startup.
  ///
  /// \par Errors
  /// The failure of the run; operation_aborted if it was stopped before.
  /// \par Cancellation
  /// `terminal`.
  boost::asio::awaitable<void> ready() const;
  /// The same at this moment, for a probe (`/readyz`). False again when the app is stopped.
  bool is_ready() const;

  /// The current phase.
  app_phase phase() const noexcept;
  /// Of each handler, in the order of registration. For metrics see render_prometheus().
  std::vector<handler_health> health() const;
  /// Receives each line of the log from the level `min` on: failures of handlers, the phases. Its views are valid during the call.
  void log(log_level min, std::function<void(const log_record&)> function);

 private:
  enum class phase_hook { on_startup, after_startup, on_shutdown, after_shutdown };

  template <class Function>
  static handling::hook handling_hook(Function function) {
    using result = std::invoke_result_t<Function&>;
    static_assert(std::is_void_v<result> || std::is_same_v<result, boost::asio::awaitable<void>>,
                  "kvco: a hook has no parameters, and returns void or boost::asio::awaitable<void>");
    // Shared, because std::function copies.
    const auto shared = std::make_shared<Function>(std::move(function));
    if constexpr (std::is_void_v<result>) {
      return [shared]() -> boost::asio::awaitable<void> {
        (*shared)();
        co_return;
      };
    } else {
      return [shared] { return (*shared)(); };
    }
  }

  registered_handler add_watch(std::string_view bucket, std::string_view pattern,
                               handling::adapted_handler handler, const watch_handler_options& options);
  registered_handler add_watch(bucket_config bucket, std::string_view pattern,
                               handling::adapted_handler handler, const watch_handler_options& options);
  registered_handler add_subscription(std::string_view subject, handling::adapted_handler handler,
                                      const message_handler_options& options);
  void add_hook(phase_hook when, handling::hook hook);

  std::shared_ptr<handling::app_state> state_;
};

}  // namespace kvco
