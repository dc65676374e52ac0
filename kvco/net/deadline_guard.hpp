// A deadline over a longer step: calls a function if the step is not over by then.
#pragma once

#include <functional>
#include <kvco/net/session.hpp>
#include <memory>
#include <utility>

namespace kvco::net {

class deadline_guard final : private core::timed {
 public:
  deadline_guard(std::shared_ptr<session> session, core::time_point at, std::function<void()> passed)
      : session_(std::move(session)), passed_(std::move(passed)) {
    session_->set_deadline(*this, at);
  }
  deadline_guard(const deadline_guard&) = delete;
  deadline_guard& operator=(const deadline_guard&) = delete;
  ~deadline_guard() { session_->clear_deadline(*this); }

 private:
  void on_deadline(core::time_point) override { passed_(); }

  std::shared_ptr<session> session_;
  std::function<void()> passed_;
};

}  // namespace kvco::net
