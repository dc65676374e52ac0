// How operations outside of the class bucket reach its state.
#pragma once

#include <kvco/kv/bucket_state.hpp>

namespace kvco {

class bucket;

namespace detail {

struct bucket_access {
  /// nullptr: the handle is empty.
  static const kv::bucket_ptr& state_of(const bucket& of);
};

}  // namespace detail
}  // namespace kvco
