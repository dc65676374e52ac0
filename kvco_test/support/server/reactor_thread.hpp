// A reactor with a thread of its own, for what must go on while a test blocks.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <thread>
#include <type_traits>
#include <utility>

namespace kvco::test {

class reactor_thread {
 public:
  reactor_thread() : reactor_thread([](boost::asio::io_context& reactor) { reactor.run(); }) {}
  /// @param run  what the thread does: runs the reactor until it is stopped, whatever its handlers throw
  explicit reactor_thread(std::function<void(boost::asio::io_context&)> run)
      : thread_([this, run = std::move(run)] { run(reactor_); }) {}
  ~reactor_thread() { join(); }
  reactor_thread(const reactor_thread&) = delete;
  reactor_thread& operator=(const reactor_thread&) = delete;

  boost::asio::io_context& reactor() { return reactor_; }

  /// Ends the thread. What is on the reactor stays there until this object goes.
  void join() {
    work_.reset();
    reactor_.stop();
    if (thread_.joinable()) thread_.join();
  }

  /// Calls `what` on the thread and returns its result, or throws what it throws.
  template <class What>
  auto call(What what) {
    std::packaged_task<std::invoke_result_t<What>()> task(std::move(what));
    auto result = task.get_future();
    boost::asio::post(reactor_, [&task] { task(); });
    return result.get();
  }

 private:
  boost::asio::io_context reactor_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{reactor_.get_executor()};
  std::thread thread_;
};

}  // namespace kvco::test
