// The events of a session -> the functions of config::observe(), in turns of their own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <initializer_list>
#include <kvco/config.hpp>
#include <kvco/observe/events.hpp>
#include <kvco/observe/log.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::net {

/// Exists only if there is a listener. User code runs in handlers of its own, never inside the session, and
/// an exception from it leaves io_context::run() without harm.
class telemetry final : public std::enable_shared_from_this<telemetry> {
 public:
  /// nullptr: there is no listener.
  static std::shared_ptr<telemetry> of(const boost::asio::any_io_executor& executor, const config& settings);

  void report(client_event what);
  using fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  void log(log_level level, std::string_view message, fields with);
  /// No function is called any more.
  void mute() noexcept {
    muted_ = true;
    executor_ = {};
  }

  telemetry(boost::asio::any_io_executor executor, const config& settings);

 private:
  // One occasion: an event, a line of the log, or both.
  struct news {
    bool is_event = false;
    client_event event;
    log_level level{};
    std::string_view message;
    std::vector<std::pair<std::string_view, std::string>> fields;
  };

  void queue(news what);
  void deliver();
  void deliver(const news& what);

  boost::asio::any_io_executor executor_;
  event_function on_event_;
  log_function on_log_;
  log_level least_;
  std::deque<news> queue_;
  bool posted_ = false, muted_ = false;
};

}  // namespace kvco::net
