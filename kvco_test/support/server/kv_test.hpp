// The base of integration tests: a server of each generation, a client, a bucket - and results as short texts.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <kvco/kvco.hpp>
#include <kvco_test/support/server/nats_server.hpp>
#include <kvco_test/support/server/raw_client.hpp>
#include <kvco_test/support/server/run.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

// --- results as texts -----------------------------------------------------------------------------

/// "key@7=value", "key@8 DEL", "key@9 PURGE".
std::string show(const entry& e);
/// "none", or as above.
std::string show(const std::optional<entry>& e);
/// All of them, with a space between.
std::string show(const std::vector<entry>& all);
std::string show(std::vector<std::string> names);  ///< sorted

asio::awaitable<std::string> value_of(bucket from, std::string key);  ///< "none" if it has none
asio::awaitable<std::string> history_of(bucket from, std::string key);
asio::awaitable<std::string> keys_of(bucket from, std::string filter = ">");
asio::awaitable<std::string> next_of(watcher& from);  ///< "end" at the end
/// The initial data to its end.
asio::awaitable<std::string> initial_of(watcher& from);

// --- the server's view, by a client that shares no code with kvco -----------------------------------------------

/// A field of the JSON of STREAM.INFO, as it stands there; "" if there is no such stream.
std::string stream_field(raw_client& raw, std::string_view bucket, std::string_view field);
bool stream_exists(raw_client& raw, std::string_view stream);
/// Sends a request to the JetStream API and throws if the answer is an error.
std::string api(raw_client& raw, std::string_view request, std::string_view body = {});

// --- fixtures -----------------------------------------------------------------------------------------------------

/// The bucket of a test that looks at more than last values.
inline bucket_config with_history(int depth = 10) { return bucket_config("B").history(depth); }

/// For a watch that has to notice at once that it stands still.
inline constexpr watch_options restless{.heartbeat = std::chrono::milliseconds(200)};

using bucket_work = std::function<asio::awaitable<void>(client&, bucket&)>;

/// A test with a server of its own.
class server_test : public testing::Test {
 protected:
  explicit server_test(server_options options = {}) : server(std::move(options)) {}

  /// Connects, makes the bucket, does the work, and lets the reactor run out.
  void with_bucket(const bucket_config& config, const bucket_work& what);
  void with_client(const std::function<asio::awaitable<void>(client&)>& what);

  nats_server server;
};

/// A test that runs once for each generation of servers.
class generations_test : public server_test, public testing::WithParamInterface<std::string> {
 protected:
  generations_test() : server_test({.version = GetParam()}) {}
  static bool at_least(std::string_view generation);  ///< "2.10" or "newest"
};

/// On all generations, because what the server does depends on it: `.ci/run` runs all three.
#define KVCO_ON_ALL_GENERATIONS(name)                                                     \
  INSTANTIATE_TEST_SUITE_P(on, name, testing::ValuesIn(kvco::test::server_generations()), \
                           kvco::test::generation_name{})
/// On all generations, though nothing of it depends on the server: older ones run in `.ci/run --long`.
#define KVCO_ALSO_ON_OLDER_GENERATIONS(name)                                                \
  INSTANTIATE_TEST_SUITE_P(also, name, testing::ValuesIn(kvco::test::server_generations()), \
                           kvco::test::generation_name{})

}  // namespace kvco::test
