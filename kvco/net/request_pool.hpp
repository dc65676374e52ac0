// The requests of an operation on many: made as far as they are needed, and used again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace kvco::net {

/// Who acquires one registers it in the session, and withdraws it before it is released.
template <class Request>
class request_pool {
 public:
  template <class Owner>
  Request& acquire(Owner& owner) {
    if (free_.empty()) {
      all_.push_back(std::make_unique<Request>(owner));
      free_.push_back(all_.back().get());
    }
    Request& taken = *free_.back();
    free_.pop_back();
    return taken;
  }
  void release(Request& used) { free_.push_back(&used); }

  std::size_t used() const noexcept { return all_.size() - free_.size(); }
  bool is_free(const Request& one) const noexcept {
    return std::find(free_.begin(), free_.end(), &one) != free_.end();
  }
  const std::vector<std::unique_ptr<Request>>& all() const noexcept { return all_; }

 private:
  std::vector<std::unique_ptr<Request>> all_;
  std::vector<Request*> free_;
};

}  // namespace kvco::net
