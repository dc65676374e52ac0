#include "routes.hpp"

#include <algorithm>
#include <array>
#include <iostream>

namespace gateway {
namespace {

using handler = asio::awaitable<response> (handlers::*)(request);

struct route {
  std::string_view method;
  std::array<std::string_view, 5> path;  // "*": any segment that is not empty
  handler handle;

  std::size_t size() const {
    return static_cast<std::size_t>(std::find(path.begin(), path.end(), std::string_view()) - path.begin());
  }
  bool is_for(const std::vector<std::string>& segments) const {
    if (segments.size() != size()) return false;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (path[i] == "*" ? segments[i].empty() : path[i] != segments[i]) return false;
    }
    return true;
  }
};

constexpr route routes[] = {
    {"GET", {}, &handlers::page},
    {"GET", {"page", "*"}, &handlers::page},
    {"GET", {"healthz"}, &handlers::healthz},
    {"GET", {"readyz"}, &handlers::readyz},
    {"GET", {"metrics"}, &handlers::metrics},
    {"GET", {"v1", "session"}, &handlers::has_session},
    {"POST", {"v1", "session"}, &handlers::open_session},
    {"GET", {"v1", "buckets"}, &handlers::list_buckets},
    {"GET", {"v1", "buckets", "*"}, &handlers::get_bucket},
    {"PUT", {"v1", "buckets", "*"}, &handlers::put_bucket},
    {"DELETE", {"v1", "buckets", "*"}, &handlers::delete_bucket},
    {"GET", {"v1", "kv", "*"}, &handlers::list_keys},
    {"GET", {"v1", "kv", "*", "*"}, &handlers::get_key},
    {"PUT", {"v1", "kv", "*", "*"}, &handlers::put_key},
    {"DELETE", {"v1", "kv", "*", "*"}, &handlers::delete_key},
    {"GET", {"v1", "kv", "*", "*", "history"}, &handlers::get_history},
    {"GET", {"v1", "watch", "*"}, &handlers::watch},
};

/// The methods of a path, for the field Allow; empty: there is no such path.
std::string methods_of(const std::vector<std::string>& path) {
  std::string out;
  for (const route& each : routes) {
    if (!each.is_for(path)) continue;
    if (!out.empty()) out += ", ";
    out += each.method == "GET" ? "GET, HEAD" : each.method;
  }
  return out;
}

response no_route(const request& from) {
  const std::string allowed = methods_of(from.where.path);
  if (allowed.empty()) return to_response({404, "not-found", "there is no such path"});
  response out = to_response({405, "method-not-allowed", "this path has " + allowed});
  out.fields.emplace_back("Allow", allowed);
  return out;
}

}  // namespace

asio::awaitable<response> answer(handlers& to, const access& rules, request from) {
  if (const auto refused = rules.refusal(from)) {
    response out = to_response(*refused);
    if (refused->status == 401) out.fields.emplace_back("WWW-Authenticate", "Bearer");
    co_return out;
  }
  const std::string_view method = from.method == "HEAD" ? "GET" : std::string_view(from.method);
  const auto found = std::find_if(std::begin(routes), std::end(routes), [&](const route& each) {
    return each.method == method && each.is_for(from.where.path);
  });
  if (found == std::end(routes)) co_return no_route(from);
  problem why{500, "internal", "the gateway has failed; its log has more"};
  try {
    co_return co_await (to.*(found->handle))(std::move(from));
  } catch (const boost::system::system_error& error) {
    why = problem_of(error.code(), kvco::error_detail());
  } catch (const std::exception& error) {
    std::clog << "gateway: " << error.what() << std::endl;
  }
  co_return to_response(why);
}

}  // namespace gateway
