// Three real nats-servers that form a cluster with replicated JetStream, and what can befall them. Plain POSIX.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <kvco_test/support/server/nats_server.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

struct cluster_options {
  static constexpr std::size_t size = 3;
  /// A generation for each node, as for server_binary(): mixed clusters, too.
  std::array<std::string, size> versions{"newest", "newest", "newest"};
  /// The port by which node `from` dials the routes of node `to`, which listens on `real`. By default that one; a fault
  /// proxy's port makes the route one that can be cut.
  std::function<std::uint16_t(std::size_t from, std::size_t to, std::uint16_t real)> route{};
  std::string jetstream_config{};  ///< Lines for each node's `jetstream { }` block.
  std::string extra_config{};      ///< Lines for the end of each node's configuration file.
  std::string grace =
      "200ms";  ///< Between the announcement of lame duck mode and the first client that is closed.
};

/// All nodes of this generation.
inline cluster_options nodes_of(const std::string& version) {
  cluster_options made;
  made.versions.fill(version);
  return made;
}

/// Starts all nodes in the constructor, which returns when replicated streams can be made.
///
/// Clients need no user. What can only be done by the system account is done by functions here. Nodes do not announce each
/// other to clients, so that a client that was given a proxy's address stays behind the proxy.
class nats_cluster {
 public:
  static constexpr std::size_t size = cluster_options::size;

  explicit nats_cluster(cluster_options options = {});
  nats_cluster(const nats_cluster&) = delete;
  nats_cluster& operator=(const nats_cluster&) = delete;

  nats_server& node(std::size_t i) { return *nodes_.at(i); }
  std::string urls() const;  ///< Of all nodes, for a client's configuration.
  std::size_t running() const;

  /// The answer to an API request from the first running node that gives one that is no error; nothing if none does. A node
  /// that is paused costs a second.
  std::optional<std::string> ask(std::string_view subject, std::string_view body = {}, bool system = false);
  /// The same from one node.
  std::optional<std::string> ask_node(std::size_t i, std::string_view subject, std::string_view body = {},
                                      bool system = false);

  /// The node that leads the stream; nothing while none does.
  std::optional<std::size_t> leader(std::string_view stream);
  /// The node that leads the cluster's metadata.
  std::optional<std::size_t> meta_leader();
  /// The consumers of a stream that a node really runs, whatever the cluster has written down of them; nothing without an answer.
  std::optional<std::vector<std::string>> consumers_on(std::size_t i, std::string_view stream);
  /// True when the stream has a leader and no replica of it is offline or behind.
  bool is_healthy(std::string_view stream);

  void kill_all();
  void start_all();  ///< Those that do not run; returns when all accept clients.
  /// Asks the leader to resign. False: nobody was there who could be asked.
  bool step_down(std::string_view stream);
  bool meta_step_down();
  /// Lame duck mode: the node moves its leaders away, announces its end, closes its clients and exits. Waits for that.
  void retire(std::size_t i);

  // Waiting: throws std::runtime_error at the deadline, and tells what the nodes logged. Nodes that are mute (see
  // is_mute) are started again meanwhile.
  void wait_until_ready(std::chrono::seconds longest = std::chrono::seconds(120));
  void wait_until_healthy(std::string_view stream, std::chrono::seconds longest = std::chrono::seconds(120));
  std::size_t wait_for_leader(std::string_view stream,
                              std::chrono::seconds longest = std::chrono::seconds(60));

 private:
  std::string config_of(std::size_t i) const;
  std::optional<std::size_t> index_of(std::string_view name) const;
  /// Is it a node that says nothing in its Raft groups? All of 2.10 has a race at its start (mended in 2.11): the goroutine
  /// that sends what Raft has to say takes the system account before that is there (server/server.go, setSystemAccount;
  /// server/sendq.go), and from then on nothing of it is sent. Such a node hears, but never answers. On a busy machine one
  /// start in sixty was seen to end so.
  bool is_mute(std::size_t i);
  void restart_the_mute();
  void wait(std::chrono::seconds longest, const char* what, const std::function<bool()>& condition);

  cluster_options options_;
  std::array<reserved_port, size> route_ports_;
  reserved_port nowhere_;  // refuses: where routes that nobody configured would lead
  std::array<std::unique_ptr<nats_server>, size> nodes_;
  std::string last_answer_;  // for the failure's text
};

}  // namespace kvco::test
