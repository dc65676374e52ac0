// The sessions of an execution context: when the context is destroyed, it frees the operations that wait in
// them.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <mutex>

namespace kvco::net {

namespace asio = boost::asio;
class session;

/// A waiting coroutine is owned by its request, the request by its session, the session by a handle in that
/// coroutine: a cycle, which only the end of the reactor may break. Asio notifies its services of that end.
///
/// Sessions on several strands of one context come and go on several threads at once.
class reactor_service final : public asio::execution_context::service {
 public:
  using key_type = reactor_service;
  static asio::execution_context::id id;
  static reactor_service& of(const asio::any_io_executor& executor);

  explicit reactor_service(asio::execution_context& context) : service(context) {}
  void add(session& open) noexcept;
  void remove(session& closed) noexcept;

 private:
  void shutdown() override;
  std::shared_ptr<session> take_one() noexcept;

  std::mutex mutex_;  // not held while a session ends: that may end others
  absl::flat_hash_set<session*> open_;
};

}  // namespace kvco::net
