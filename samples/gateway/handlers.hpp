// The answers to requests: keys, buckets, events, the page.
#pragma once

#include <string>

#include "access.hpp"
#include "http.hpp"
#include "hub.hpp"

namespace gateway {

/// The handlers of one gateway. A failed operation leaves them as an exception.
class handlers {
 public:
  handlers(hub& to, const access& rules, const traffic& counts)
      : hub_(to), access_(rules), traffic_(counts) {}

  asio::awaitable<response> get_key(request from);
  asio::awaitable<response> put_key(request from);
  asio::awaitable<response> delete_key(request from);
  asio::awaitable<response> get_history(request from);
  asio::awaitable<response> list_keys(request from);
  asio::awaitable<response> watch(request from);

  asio::awaitable<response> list_buckets(request from);
  asio::awaitable<response> get_bucket(request from);
  asio::awaitable<response> put_bucket(request from);
  asio::awaitable<response> delete_bucket(request from);

  asio::awaitable<response> page(request from);
  asio::awaitable<response> open_session(request from);
  asio::awaitable<response> has_session(request from);
  asio::awaitable<response> healthz(request from);
  asio::awaitable<response> readyz(request from);
  asio::awaitable<response> metrics(request from);

 private:
  asio::awaitable<response> conflict(kvco::bucket in, std::string key, problem why);

  hub& hub_;
  const access& access_;
  const traffic& traffic_;
};

}  // namespace gateway
