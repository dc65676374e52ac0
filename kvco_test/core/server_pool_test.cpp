// The order of servers, and gossip: core/server_pool.cpp.
#include <gtest/gtest.h>
#include <kvco/core/server_pool.hpp>

#include <set>

namespace kvco::core {
namespace {

using strings = std::vector<std::string>;

/// One round of all servers.
strings round(server_pool& pool) {
  strings all;
  for (std::size_t i = 0; i < pool.size(); ++i) all.push_back(pool.next().place());
  return all;
}

server_pool pool_of(std::string_view urls) { return server_pool(parse_server_urls(urls).servers); }

TEST(server_pool, takes_turns) {
  server_pool pool = pool_of("a,b:1,[::1]:2");
  EXPECT_EQ(round(pool), (strings{"a:4222", "b:1", "[::1]:2"}));
  EXPECT_EQ(round(pool), (strings{"a:4222", "b:1", "[::1]:2"}));
}

// fault: 20
TEST(server_pool, shuffled_by_its_seed) {
  std::set<strings> orders;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    server_pool pool = pool_of("a,b,c");
    pool.shuffle(seed);
    orders.insert(round(pool));
  }
  EXPECT_EQ(orders.size(), 6u);
}

// fault: 40
TEST(server_pool, learns_and_forgets_what_it_was_told) {
  server_pool pool = pool_of("tls://user:secret@seed");
  const server_url seed = pool.next();
  pool.learn({"10.0.0.1:4222", "10.0.0.2:4222", "[fe80::1]:5", "seed:4222"}, seed);
  EXPECT_EQ(round(pool), (strings{"10.0.0.1:4222", "10.0.0.2:4222", "[fe80::1]:5", "seed:4222"}));
  const server_url told = pool.next();
  EXPECT_EQ(told.scheme, url_scheme::tls);
  EXPECT_EQ(told.user, "user");
  EXPECT_EQ(told.password, "secret");
  EXPECT_EQ(told.certified_name, "seed");

  pool.learn({"10.0.0.2:4222", "10.0.0.3:4222"}, told);  // told itself stays: it is in use
  server_pool copy = pool;
  const strings all = round(copy);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()),
            (std::set<std::string>{"seed:4222", "10.0.0.1:4222", "10.0.0.2:4222", "10.0.0.3:4222"}));
  pool.learn({}, told);  // says nothing
  EXPECT_EQ(pool.size(), 4u);
  const auto third = [&] {
    for (server_url url = pool.next();; url = pool.next()) {
      if (url.host == "10.0.0.3") return url;
    }
  }();
  EXPECT_EQ(third.certified_name, "seed");  // the configured name, not the address that told of it
}

// fault: 26
TEST(server_pool, gossip_that_is_no_address_is_left_out) {
  server_pool pool = pool_of("seed");
  const server_url seed = pool.next();
  pool.learn({"", "host", "host:", "host:0", "host:99999", ":4222", "a b:1", "[::1", "nats://h:1", "ok:1"},
             seed);
  EXPECT_EQ(pool.size(), 2u);
}

// Turns go on where they were, whatever is forgotten.
TEST(server_pool, nobody_is_left_out_while_servers_change) {
  server_pool pool = pool_of("a,b");
  const server_url teller = pool.next();
  pool.learn({"c:1", "d:1"}, teller);
  EXPECT_EQ(pool.next().place(), "b:4222");
  EXPECT_EQ(pool.next().place(), "c:1");
  pool.learn({"d:1", "e:1"}, teller);  // c is gone
  EXPECT_EQ(pool.next().place(), "d:1");
  EXPECT_EQ(pool.next().place(), "e:1");
  EXPECT_EQ(pool.next().place(), "a:4222");
}

}  // namespace
}  // namespace kvco::core
