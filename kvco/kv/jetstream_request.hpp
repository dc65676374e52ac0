// Requests of the JetStream API that have no operation of their own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/net/session.hpp>
#include <memory>
#include <string>

namespace kvco::kv {

using namespace net;  // see bucket_state.hpp

/// The reply. Fails with the error that it holds.
asio::awaitable<std::string> jetstream_request(std::shared_ptr<session> session, std::string subject,
                                               std::string payload, duration timeout, progress* done);

}  // namespace kvco::kv
