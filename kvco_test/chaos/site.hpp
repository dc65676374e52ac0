// Where the chaos happens: three servers, and proxies on every way between them and to them.
#pragma once

#include <array>
#include <kvco_test/chaos/contradictions.hpp>
#include <kvco_test/chaos/options.hpp>
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/nats_cluster.hpp>
#include <kvco_test/support/server/reactor_thread.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kvco::chaos {

inline constexpr std::size_t client_count = 8;
inline constexpr const char* bucket_name = "CHAOS";
inline constexpr const char* stream_name = "KV_CHAOS";
inline constexpr int history_kept = 64;

/// Belongs to the thread that makes it. Each client reaches each node by a proxy of its own.
class site {
 public:
  static constexpr std::size_t nodes = test::nats_cluster::size;

  explicit site(const options& wanted);
  ~site();

  test::nats_cluster& cluster() { return *cluster_; }
  /// The servers' addresses for a client.
  const std::string& urls(std::size_t client) const { return urls_.at(client); }

  /// Calls `what` with each proxy of these clients, on the proxies' thread.
  template <class What>
  void with_links(const std::vector<std::size_t>& clients, What what) {
    thread_.call([&] {
      for (const std::size_t c : clients) {
        for (auto& proxy : links_.at(c)) what(*proxy);
      }
    });
  }
  /// The same with the routes of a node, both ways.
  template <class What>
  void with_routes(std::size_t node, What what) {
    thread_.call([&] {
      for (std::size_t other = 0; other < nodes; ++other) {
        if (other == node) continue;
        what(*routes_[node][other]);
        what(*routes_[other][node]);
      }
    });
  }
  /// Nothing is held back, refused or spoilt any more.
  void heal_links();

  /// Where servers have contradicted themselves.
  contradictions seen() {
    return thread_.call([this] { return seen_; });
  }
  /// What the strict parser refused (V9).
  std::vector<std::string> malformed();
  struct dialling {
    std::size_t dials = 0;        ///< of all clients
    std::size_t in_a_second = 0;  ///< the most of one client within one second
  };
  dialling dials();

 private:
  using proxy_ptr = std::unique_ptr<test::fault_proxy>;
  proxy_ptr make_proxy(std::uint16_t target, std::uint64_t seed, std::optional<std::size_t> client = {});

  contradictions seen_;  // on the proxies' thread
  test::reactor_thread thread_;
  std::array<std::array<proxy_ptr, nodes>, nodes> routes_;
  std::vector<std::array<proxy_ptr, nodes>> links_;
  std::vector<std::string> urls_;
  std::optional<test::nats_cluster> cluster_;
};

}  // namespace kvco::chaos
