// Where a soak happens: one server, what it permits and allows by its configuration, and a proxy on the way to it.
#pragma once

#include <kvco_test/chaos/contradictions.hpp>
#include <kvco_test/chaos/options.hpp>
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/nats_server.hpp>
#include <kvco_test/support/server/raw_client.hpp>
#include <kvco_test/support/server/reactor_thread.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::chaos::soak {

/// Nobody changes its stream but by what it permits: all that is acknowledged must be found.
inline constexpr std::string_view kept = "KEPT";
/// Its stream is updated, purged, deleted and created again by somebody else.
inline constexpr std::string_view torn = "TORN";
inline constexpr int kept_history = 64, torn_history = 10;

/// What the server is configured to, beside its store. Guests are the user "guest"; who names no user is the administrator.
struct configuration {
  std::set<std::string> no_publish, no_subscribe;  ///< of guests
  std::map<std::string, std::string> server;       ///< "max_payload": "1000"
  std::map<std::string, std::string> account;      ///< of its JetStream: "max_streams": "2"
  bool account_has_jetstream = true;

  std::string text() const;
};

/// Belongs to the thread that makes it.
class place {
 public:
  place(const options& wanted, std::uint64_t seed);
  ~place();

  test::nats_server& server() { return *server_; }
  /// Of the proxy, for guests.
  const std::string& url() const { return url_; }

  configuration& configured() { return configuration_; }
  /// Makes the server follow configured().
  void reload() { server_->reload(configuration_.text()); }
  /// The same by a restart.
  void restart(bool with_jetstream);

  /// Asks the JetStream API as the administrator; what was answered. Throws where nobody answers.
  std::string ask(std::string_view request, std::string_view body = {});
  /// Makes the stream of a bucket, as another client would; goes on until the server takes it.
  void make_stream(std::string_view bucket);
  /// Changes settings of the stream of `torn`, whose values are JSON. Throws what the server says where it refuses.
  using settings = std::vector<std::pair<std::string_view, std::string_view>>;
  void update_torn(const settings& changed);
  std::vector<std::string> consumers(std::string_view bucket);

  template <class What>
  void with_link(What what) {
    thread_.call([&] { what(*link_); });
  }
  /// Where the server has contradicted itself about `kept`.
  contradictions seen() {
    return thread_.call([this] { return seen_; });
  }
  /// What the strict parser refused (V9).
  std::vector<std::string> malformed() {
    return thread_.call([this] { return link_->malformed(); });
  }

 private:
  configuration configuration_;
  std::optional<test::nats_server> server_;
  contradictions seen_;  // on the proxy's thread
  test::reactor_thread thread_;
  std::unique_ptr<test::fault_proxy> link_;
  std::string url_;
};

}  // namespace kvco::chaos::soak
