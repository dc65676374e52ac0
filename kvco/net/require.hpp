// Handles that hold nothing may not be used.
#pragma once

#include <boost/system/system_error.hpp>
#include <kvco/error.hpp>
#include <string>

namespace kvco::net {

/// Throws errc::closed for an empty handle: default-constructed, moved from, or given beside an error.
template <class Pointer>
void require(const Pointer& state, const char* what) {
  if (!state) throw boost::system::system_error(client_error::closed, std::string("an empty ") + what);
}

}  // namespace kvco::net
