// An executor for composed operations that never wait for the reactor: their handlers are run by the code
// that feeds them.
#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>
#include <kvco/detail/operation.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace kvco::net {

namespace asio = boost::asio;

/// Handlers posted and not yet run. Not for several threads.
class inner_queue {
 public:
  class executor;

  inner_queue() = default;
  inner_queue(const inner_queue&) = delete;
  inner_queue& operator=(const inner_queue&) = delete;
  ~inner_queue() {
    while (!jobs_.empty()) delete &jobs_.front();
  }

  /// Runs all handlers, including those they post. Must not be called from a handler.
  void run() {
    while (!jobs_.empty()) {
      const std::unique_ptr<job> next(&jobs_.front());
      next->unlink();
      next->run();
    }
  }

 private:
  struct job : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    virtual ~job() = default;
    virtual void run() = 0;
    static void* operator new(std::size_t size) { return detail::operation_memory::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept {
      detail::operation_memory::free(block, size);
    }
  };
  template <class Function>
  struct job_of final : job {
    explicit job_of(Function&& what) : function(std::move(what)) {}
    explicit job_of(const Function& what) : function(what) {}
    void run() override { std::move(function)(); }
    Function function;
  };

  boost::intrusive::list<job, boost::intrusive::constant_time_size<false>> jobs_;
};

class inner_queue::executor {
 public:
  executor(inner_queue& queue, asio::execution_context& context) noexcept
      : queue_(&queue), context_(&context) {}

  template <class Function>
  void execute(Function&& function) const {
    queue_->jobs_.push_back(*new job_of<std::decay_t<Function>>(std::forward<Function>(function)));
  }
  // The properties that Asio requires of an executor: it never runs a handler at once, and has timers from
  // the reactor.
  static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  asio::execution_context& query(asio::execution::context_t) const noexcept { return *context_; }
  bool operator==(const executor& other) const noexcept { return queue_ == other.queue_; }
  bool operator!=(const executor& other) const noexcept { return queue_ != other.queue_; }

 private:
  inner_queue* queue_;
  asio::execution_context* context_;
};

}  // namespace kvco::net
