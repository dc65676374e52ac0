// A cluster behind fault proxies: a node is cut off from the others, and comes back.
#include <kvco_test/support/faults/fault_proxy.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <kvco_test/support/server/nats_cluster.hpp>
#include <kvco_test/support/server/reactor_thread.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;

// A node is cut off from its peers without root: the routes of a cluster go through proxies, and those are cut.
TEST(partition, of_a_cluster_by_its_routes) {
  reactor_thread thread;
  std::vector<std::unique_ptr<fault_proxy>> routes;
  cluster_options options;
  std::array<std::array<fault_proxy*, nats_cluster::size>, nats_cluster::size> route{};
  options.route = [&](std::size_t from, std::size_t to, std::uint16_t real) {
    return thread.call([&] {
      if (route[from][to] == nullptr) {
        routes.push_back(std::make_unique<fault_proxy>(thread.reactor().get_executor(), real,
                                                       proxy_options{.reads_frames = false}));
        route[from][to] = routes.back().get();
      }
      return route[from][to]->port();
    });
  };
  nats_cluster cluster(options);
  ASSERT_TRUE(cluster.ask("$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s.>"],"num_replicas":3})"));
  cluster.wait_until_healthy("S");
  const std::size_t alone = cluster.wait_for_leader("S");
  const auto part = [&](bool apart) {
    thread.call([&] {
      for (std::size_t from = 0; from < nats_cluster::size; ++from) {
        for (std::size_t to = 0; to < nats_cluster::size; ++to) {
          if (from == to || (from != alone && to != alone)) continue;
          route[from][to]->refuse(apart);
          if (apart) route[from][to]->cut_all(cut_with::reset);
        }
      }
    });
  };
  part(true);
  const std::size_t other = (alone + 1) % nats_cluster::size;
  std::optional<std::string> stored;
  const auto deadline = steady_clock::now() + 30s;
  while (!stored && steady_clock::now() < deadline) stored = cluster.ask_node(other, "s.1", "v");
  EXPECT_TRUE(stored) << "the majority elects a leader";
  EXPECT_FALSE(cluster.ask_node(alone, "s.1", "v")) << "the minority acknowledges nothing";
  part(false);
  cluster.wait_until_healthy("S");
  std::optional<std::string> again;
  while (!again && steady_clock::now() < deadline + 30s) again = cluster.ask_node(alone, "s.1", "v");
  EXPECT_THAT(again.value_or("nothing"), HasSubstr("\"seq\":2"));
  thread.call([&] { routes.clear(); });
}

}  // namespace
}  // namespace kvco::test
