// Completion tokens of kvco.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <kvco/detail/operation.hpp>

namespace kvco {

using nothrow_t = boost::asio::as_tuple_t<boost::asio::deferred_t>;  ///< the type of kvco::nothrow

/// `auto [ec, rev] = co_await bucket.put("k", "v", kvco::nothrow);`: no exception, the error is a value.
inline constexpr nothrow_t nothrow{boost::asio::deferred_t()};

}  // namespace kvco
