// How operations outside of the class bucket get at what it refers to.
#pragma once

#include <kvco/bucket.hpp>
#include <kvco/kv/bucket_state.hpp>

namespace kvco::detail {

struct bucket_access {
  /// nullptr: the handle is empty.
  static const kv::bucket_ptr& state_of(const bucket& of) {
    if (of.state_) of.state_->session->entrance().check();
    return of.state_;
  }
};

}  // namespace kvco::detail
