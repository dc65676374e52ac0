// A request whose whole reply is wanted: for the JetStream API and the steps of longer operations.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <kvco/net/operation.hpp>
#include <string>
#include <utility>

namespace kvco::net {

using core::effect;

/// A reply with its bytes, or the reason why it is missing.
struct api_reply {
  error_code code;
  std::string detail;
  std::string header;
  std::string payload;
};

struct api_request {
  // Not an aggregate: g++ 12 destroys owning aggregates twice that are made inside a co_await expression.
  api_request(std::string to, std::string block, std::string body)
      : subject(std::move(to)), header(std::move(block)), payload(std::move(body)) {}
  std::string subject;
  std::string header;
  std::string payload;
};

/// Sends it and waits for the reply. 503 comes out as client_error::no_responders.
/// @param done  records each request sent; lives as long as the coroutine
asio::awaitable<api_reply> call(std::shared_ptr<session> session, api_request request,
                                core::time_point deadline, effect what = effect::read,
                                progress* done = nullptr);

/// The same with a callback, which is called in a turn of the reactor. It is not called after the end of the reactor.
void call(std::shared_ptr<session> session, const api_request& request, core::time_point deadline,
          effect what, std::function<void(api_reply)> done);

}  // namespace kvco::net
