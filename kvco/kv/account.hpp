// Questions about the account of a session.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/account_info.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/net/session.hpp>
#include <memory>

namespace kvco::kv {

using namespace net;  // the operations of buckets are written in its terms

boost::asio::awaitable<account_info> get_account_info(std::shared_ptr<session> session, duration timeout,
                                                      progress* done);
/// Asked once for each connection.
boost::asio::awaitable<capabilities> get_capabilities(std::shared_ptr<session> session, duration timeout,
                                                      progress* done);

}  // namespace kvco::kv
