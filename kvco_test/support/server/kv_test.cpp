// The base of integration tests. See the header.
#include <kvco_test/support/server/kv_test.hpp>

#include <algorithm>
#include <stdexcept>

namespace kvco::test {

std::string show(const entry& e) {
  std::string text = std::string(e.key()) + "@" + std::to_string(e.revision());
  if (e.operation() == operation::put) return text + "=" + std::string(e.value());
  return text + " " + std::string(to_string(e.operation()));
}

std::string show(const std::optional<entry>& e) { return e ? show(*e) : "none"; }

namespace {
template <class Range, class Text>
std::string join(const Range& all, Text text) {
  std::string line;
  for (const auto& one : all) line += (line.empty() ? "" : " ") + text(one);
  return line;
}
}  // namespace

std::string show(const std::vector<entry>& all) {
  return join(all, [](const entry& e) { return show(e); });
}

std::string show(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return join(names, [](const std::string& name) { return name; });
}

asio::awaitable<std::string> value_of(bucket from, std::string key) {
  const std::optional<entry> e = co_await from.get(key);
  co_return e ? std::string(e->value()) : "none";
}

asio::awaitable<std::string> history_of(bucket from, std::string key) {
  const std::vector<entry> all = co_await from.history(key);
  co_return show(all);
}

asio::awaitable<std::string> keys_of(bucket from, std::string filter) {
  std::vector<std::string> all = co_await from.keys(filter);
  co_return show(std::move(all));
}

asio::awaitable<std::string> next_of(watcher& from) {
  const std::optional<entry> e = co_await from.next();
  co_return e ? show(*e) : "end";
}

asio::awaitable<std::string> initial_of(watcher& from) {
  std::vector<entry> all;
  while (std::optional<entry> e = co_await from.next_initial()) all.push_back(std::move(*e));
  co_return show(all);
}

std::string stream_field(raw_client& raw, std::string_view bucket, std::string_view field) {
  const std::string json = raw.request("$JS.API.STREAM.INFO.KV_" + std::string(bucket)).payload;
  const std::string name = "\"" + std::string(field) + "\":";
  const std::size_t at = json.find(name);
  if (at == std::string::npos) return {};
  std::size_t begin = at + name.size();
  while (begin < json.size() && json[begin] == ' ') ++begin;
  return json.substr(begin, json.find_first_of(",}", begin) - begin);
}

bool stream_exists(raw_client& raw, std::string_view stream) {
  const std::string json = raw.request("$JS.API.STREAM.INFO." + std::string(stream)).payload;
  return json.find("\"error\"") == std::string::npos;
}

std::string api(raw_client& raw, std::string_view request, std::string_view body) {
  std::string answer = raw.request("$JS.API." + std::string(request), body).payload;
  if (answer.empty() || answer.find("\"error\"") != std::string::npos) {
    throw std::runtime_error(std::string(request) + ": " + answer);
  }
  return answer;
}

void server_test::with_client(const std::function<asio::awaitable<void>(client&)>& what) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(server.url());
    co_await what(nats);
  });
}

void server_test::with_bucket(const bucket_config& config, const bucket_work& what) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket made = co_await nats.create_bucket(config);
    co_await what(nats, made);
  });
}

bool generations_test::at_least(std::string_view generation) {
  const std::vector<std::string> all = server_generations();
  return std::find(all.begin(), all.end(), GetParam()) >= std::find(all.begin(), all.end(), generation);
}

}  // namespace kvco::test
