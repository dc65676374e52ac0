// Where the deliveries of a handler come from.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/app/app_core.hpp>
#include <kvco/app/delivery.hpp>
#include <kvco/app/handler_plan.hpp>
#include <kvco/entry.hpp>
#include <memory>
#include <string>

namespace kvco::handling {

class delivery_source {
 public:
  virtual ~delivery_source() = default;

  /// @param position  where an earlier run has stopped; empty: nowhere
  virtual boost::asio::awaitable<void> open(std::string position) = 0;
  /// Until the server delivers.
  virtual boost::asio::awaitable<void> ready() = 0;
  /// Nothing at the end.
  virtual boost::asio::awaitable<delivery_ptr> next() = 0;
  /// Messages that have arrived are still returned by next(), then the end; entries remain at the server.
  virtual void stop() noexcept = 0;
  /// The end at once.
  virtual void abandon() noexcept = 0;
  /// Notifies app_core::changed when the end of the initial data was reached by next().
  virtual bool initial_complete() const noexcept = 0;
  /// Entries that newer ones have replaced before next() could return them.
  virtual std::uint64_t conflated() const noexcept = 0;
  /// For a later open().
  virtual std::string position_after(revision rev) const = 0;
};

std::unique_ptr<delivery_source> make_watch_source(std::shared_ptr<app_core> core,
                                                   std::shared_ptr<const handler_plan> plan);
std::unique_ptr<delivery_source> make_message_source(std::shared_ptr<app_core> core,
                                                     std::shared_ptr<const handler_plan> plan);

}  // namespace kvco::handling
