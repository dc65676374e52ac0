// The parts that the handlers of an app share.
#pragma once

#include <functional>
#include <initializer_list>
#include <kvco/app/bucket_catalogue.hpp>
#include <kvco/app/condition.hpp>
#include <kvco/app/lifecycle.hpp>
#include <kvco/client.hpp>
#include <kvco/observe/log.hpp>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace kvco::handling {

struct app_core {
  explicit app_core(client of) : nats(std::move(of)), changed(nats.get_executor()), buckets(nats) {}

  void write(log_level level, std::string_view message, std::initializer_list<log_field> fields) const {
    const auto current = log;  // which it may replace
    if (!current || level < min_level) return;
    try {
      (*current)({level, message, std::span(fields.begin(), fields.size())});
    } catch (...) {  // of the program: no entry is lost for it
    }
  }
  /// Ends the run; the first reason is thrown by it.
  void stop(std::exception_ptr why) {
    life.stop(std::move(why));
    changed.notify();
  }

  client nats;
  condition changed;  // the phase, or the state of a handler
  lifecycle life;
  bucket_catalogue buckets;
  log_level min_level = log_level::info;
  std::shared_ptr<const std::function<void(const log_record&)>> log;
};

}  // namespace kvco::handling
