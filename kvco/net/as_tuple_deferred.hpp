// The completion token of the library's own coroutines: an error is a value, not an exception.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace kvco::net {

namespace asio = boost::asio;

inline constexpr asio::as_tuple_t<asio::deferred_t> as_tuple_deferred{asio::deferred};

}  // namespace kvco::net
