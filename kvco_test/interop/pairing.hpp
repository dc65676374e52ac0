// Another client beside kvco at one server: the fixture of the interop tests.
#pragma once

#include <kvco_test/interop/hex.hpp>
#include <kvco_test/interop/peer.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {

struct pairing {
  std::string client;  // "nats_io_kv", "nats_js", "nats_c"
  std::string server;
};

inline std::vector<std::string> program_of(const std::string& client, const std::string& url) {
  if (client == "nats_c") return {KVCO_C_PEER, url};
  return {KVCO_NODE, KVCO_JS_PEER, client == "nats_js" ? "nats" : "nats-io", url};
}

inline std::vector<pairing> pairings(const std::vector<std::string>& clients,
                                     const std::vector<std::string>& servers) {
  std::vector<pairing> all;
  for (const std::string& client : clients) {
    for (const std::string& server : servers) all.push_back({client, server});
  }
  return all;
}

inline std::string name_of(const testing::TestParamInfo<pairing>& info) {
  return info.param.client + "_on_" +
         generation_name()(testing::TestParamInfo<std::string>(info.param.server, 0));
}

/// An entry as peers write it.
inline std::string peer_show(const entry& e) {
  const char* op = e.operation() == operation::put     ? ":PUT:"
                   : e.operation() == operation::erase ? ":DEL:"
                                                       : ":PURGE:";
  return std::to_string(e.revision()) + op + std::string(e.key()) + ":" + to_hex(e.value());
}

inline std::string peer_show(const std::optional<entry>& e) { return e ? peer_show(*e) : "none"; }

inline asio::awaitable<std::string> peer_history(bucket from, std::string key) {
  const std::vector<entry> all = co_await from.history(key);
  std::string text;
  for (const entry& e : all) text += (text.empty() ? "" : " ") + peer_show(e);
  co_return text;
}

class interop_fixture : public server_test, public testing::WithParamInterface<pairing> {
 protected:
  interop_fixture()
      : server_test({.version = GetParam().server}), other(program_of(GetParam().client, server.url())) {}

  /// A bucket that kvco made, open on both sides.
  void with_shared_bucket(const std::function<asio::awaitable<void>(bucket&)>& what) {
    with_bucket(bucket_config("SHARED").history(5), [&](client&, bucket& b) -> asio::awaitable<void> {
      EXPECT_EQ(other.ask("open SHARED"), "");
      co_await what(b);
    });
  }

  peer other;
};

}  // namespace kvco::test
