// Buckets over HTTP, and how the gateway is.
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include "handlers.hpp"
#include "text.hpp"

namespace gateway {
namespace {

namespace json = boost::json;

response json_response(const json::value& data, unsigned status = 200) {
  response out;
  out.status = status;
  out.content_type = "application/json";
  out.fields.emplace_back("Cache-Control", "no-store");
  out.body = json::serialize(data) + "\n";
  return out;
}

response text_response(std::string text) {
  response out;
  out.content_type = "text/plain; charset=utf-8";
  out.fields.emplace_back("Cache-Control", "no-store");
  out.body = std::move(text);
  return out;
}

json::object object_of(const kvco::bucket_status& from) {
  json::object out;
  out["name"] = from.config.name();
  out["description"] = from.config.description();
  out["history"] = from.config.history();
  out["ttl_seconds"] = std::chrono::duration<double>(from.config.ttl()).count();
  out["max_bytes"] = from.config.max_bytes();
  out["max_value_size"] = from.config.max_value_size();
  out["storage"] = from.config.storage() == kvco::storage::file ? "file" : "memory";
  out["replicas"] = from.config.replicas();
  out["created"] = iso_date(from.created);
  out["messages"] = from.messages;
  out["bytes"] = from.bytes;
  out["last_revision"] = from.last_revision;
  return out;
}

std::string lines_of(const traffic& counts) {
  return "# HELP gateway_connections Open connections.\n# TYPE gateway_connections "
         "gauge\ngateway_connections " +
         std::to_string(counts.connections) +
         "\n# HELP gateway_requests_total Requests.\n# TYPE gateway_requests_total "
         "counter\ngateway_requests_total " +
         std::to_string(counts.requests) +
         "\n# HELP gateway_refused_total Connections that ended with a problem.\n# TYPE "
         "gateway_refused_total counter\n"
         "gateway_refused_total " +
         std::to_string(counts.refused) + "\n";
}

problem no_conditions() { return {400, "unsupported-condition", "a bucket has no entity tag"}; }

template <class T>
T number_of(const json::value& from) {
  return json::value_to<T>(from);
}

/// False: there is no such setting. A value of a wrong type is an exception.
bool set(kvco::bucket_config& to, std::string_view name, const json::value& value) {
  if (name == "description") {
    to.description(std::string_view(value.as_string()));
  } else if (name == "history") {
    to.history(number_of<int>(value));
  } else if (name == "ttl_seconds") {
    to.ttl(std::chrono::seconds(number_of<std::int32_t>(value)));
  } else if (name == "max_bytes") {
    to.max_bytes(number_of<std::int64_t>(value));
  } else if (name == "max_value_size") {
    to.max_value_size(number_of<std::int32_t>(value));
  } else if (name == "replicas") {
    to.replicas(number_of<int>(value));
  } else if (name == "storage" && (value == "file" || value == "memory")) {
    to.storage(value == "file" ? kvco::storage::file : kvco::storage::memory);
  } else {
    return false;
  }
  return true;
}

/// An empty body is a bucket with default settings.
std::optional<problem> read_config(const std::string& body, kvco::bucket_config& to) {
  if (body.empty()) return std::nullopt;
  try {
    const json::value parsed = json::parse(body);
    for (const auto& [name, value] : parsed.as_object()) {
      if (!set(to, name, value))
        return problem{400, "invalid-setting", "no such setting or value: " + std::string(name)};
    }
    return std::nullopt;
  } catch (const std::exception&) {
    return problem{400, "invalid-setting",
                   "the body is not a JSON object of settings with values of their types"};
  }
}

}  // namespace

asio::awaitable<response> handlers::list_buckets(request) {
  json::array names;
  for (const std::string& name : co_await hub_.client().bucket_names()) names.emplace_back(name);
  json::object out;
  out["buckets"] = std::move(names);
  co_return json_response(out);
}

asio::awaitable<response> handlers::get_bucket(request from) {
  const kvco::bucket bucket = co_await hub_.bucket(from.where.path[2]);
  co_return json_response(object_of(co_await bucket.status()));
}

asio::awaitable<response> handlers::put_bucket(request from) {
  if (from.conditions.any()) co_return to_response(no_conditions());
  kvco::bucket_config config(from.where.path[2]);
  if (const auto refused = read_config(from.body, config)) co_return to_response(*refused);
  const kvco::bucket made = co_await hub_.client().create_bucket(config);
  co_return json_response(object_of(co_await made.status()), 201);
}

asio::awaitable<response> handlers::delete_bucket(request from) {
  if (from.conditions.any()) co_return to_response(no_conditions());
  co_await hub_.client().delete_bucket(from.where.path[2]);
  hub_.forget(from.where.path[2]);
  response out;
  out.status = 204;
  co_return out;
}

asio::awaitable<response> handlers::open_session(request) {
  response out;
  out.status = 204;
  out.fields.emplace_back("Set-Cookie", access_.session_cookie());
  co_return out;
}

asio::awaitable<response> handlers::has_session(request) {
  response out;
  out.status = 204;
  co_return out;
}

asio::awaitable<response> handlers::healthz(request) { co_return text_response("ok\n"); }

asio::awaitable<response> handlers::readyz(request) {
  const kvco::client_health health = hub_.client().health();
  if (health.state == kvco::connection_state::connected) co_return text_response("ready\n");
  co_return to_response({503, "offline", "there is no connection to NATS"});
}

asio::awaitable<response> handlers::metrics(request) {
  response out = text_response(hub_.metrics() + lines_of(traffic_));
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return out;
}

}  // namespace gateway
