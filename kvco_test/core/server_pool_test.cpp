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

TEST(server_pool, one_of_them_is_next_by_its_place) {
  server_pool pool = pool_of("a,b,c");
  EXPECT_EQ(pool.next("c:4222").host, "c");
  EXPECT_EQ(pool.next("").host, "a");
  EXPECT_EQ(pool.next("nowhere:1").host, "b");
  EXPECT_EQ(pool.next("a:4222").host, "a");
  EXPECT_EQ(pool.next().host, "b");
}

TEST(server_pool, others_take_the_place_of_all_and_tls_is_remembered) {
  server_pool pool = pool_of("a,b");
  pool.learn({"a:4222", "10.0.0.1:4222"}, pool.next());
  pool.note_secured(pool.next("b:4222"));
  pool.replace(parse_server_urls("b,c").servers);
  EXPECT_EQ(pool.places(), (strings{"b:4222", "c:4222"}));
  EXPECT_EQ(pool.discovered(), 0u);
  EXPECT_TRUE(pool.next().once_secured);
  EXPECT_FALSE(pool.next().once_secured);
  pool.learn({"c:4222", "10.0.0.2:4222"}, pool.next());
  EXPECT_EQ(pool.places(), (strings{"10.0.0.2:4222", "b:4222", "c:4222"}));
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

// The list is the peer's: its length is no reason to keep it, or to go through what is kept again and again.
// fault: 26
// field: L4
TEST(server_pool, keeps_a_part_of_a_long_list) {
  server_pool pool(parse_server_urls("a,b").servers, 3);
  const server_url teller = pool.next();
  pool.learn({"c:1", "c:1", "a:4222", "d:1", "e:1", "f:1", "g:1"}, teller);
  EXPECT_EQ(round(pool).size(), 5u);
  EXPECT_EQ(pool.discovered(), 3u);
  EXPECT_EQ(pool.places(), (strings{"a:4222", "b:4222", "c:1", "d:1", "e:1"}));
  pool.learn({"g:1", "f:1", "e:1", "d:1"}, teller);  // c is gone: there is room for one
  EXPECT_EQ(pool.places(), (strings{"a:4222", "b:4222", "d:1", "e:1", "g:1"}));
  server_pool none(parse_server_urls("a").servers, 0);
  none.learn({"c:1"}, none.next());
  EXPECT_EQ(none.size(), 1u);
}

// With each name compared to each it would take minutes.
// field: L4
TEST(server_pool, a_long_list_takes_no_longer_than_it_is) {
  constexpr std::size_t size = 100'000;
  strings urls;
  for (std::size_t i = 0; i < size; ++i) urls.push_back("host-" + std::to_string(i) + ":1");
  server_pool pool(parse_server_urls("a").servers, 2 * size);
  const server_url teller = pool.next();
  pool.learn(urls, teller);
  for (std::string& url : urls) url.back() = '2';
  pool.learn(urls, teller);
  EXPECT_EQ(pool.discovered(), size);
}

/// The server with this host, as it is dialled.
server_url dialled(server_pool& pool, std::string_view host) {
  for (std::size_t i = 0; i < pool.size(); ++i) {
    server_url url = pool.next();
    if (url.host == host) return url;
  }
  ADD_FAILURE() << "no " << host;
  return {};
}

// field: L5
TEST(server_pool, what_was_secure_once_stays_so) {
  server_pool pool = pool_of("nats://a,nats://b");
  server_url a = dialled(pool, "a");
  EXPECT_FALSE(a.once_secured);
  pool.learn({"c:1"}, a);  // the INFO before TLS
  EXPECT_FALSE(dialled(pool, "c").once_secured);
  a.once_secured = true;
  pool.note_secured(a);
  EXPECT_TRUE(dialled(pool, "a").once_secured);
  EXPECT_TRUE(dialled(pool, "c").once_secured) << "what it has told of counts as itself";
  EXPECT_FALSE(dialled(pool, "b").once_secured);
  pool.learn({"d:1"}, a);
  EXPECT_TRUE(dialled(pool, "d").once_secured);
  pool.note_secured(dialled(pool, "d"));
  // Forgotten, and named again by one that never had TLS.
  server_url b = dialled(pool, "b");
  pool.learn({"e:1"}, b);
  pool.learn({"d:1", "f:1"}, b);
  EXPECT_TRUE(dialled(pool, "d").once_secured);
  EXPECT_FALSE(dialled(pool, "f").once_secured);
}

// Somebody on the way, before TLS, cannot rule a server out that was given.
TEST(server_pool, a_given_server_is_secured_by_gossip_only_over_tls) {
  server_pool pool = pool_of("nats://a,nats://b");
  server_url a = dialled(pool, "a");
  a.once_secured = true;
  pool.note_secured(a);
  pool.learn({"b:4222"}, a);
  EXPECT_FALSE(dialled(pool, "b").once_secured);
  pool.learn({"b:4222"}, a, true);
  EXPECT_TRUE(dialled(pool, "b").once_secured);
  EXPECT_FALSE(dialled(pool, "b").host_is_certified) << "it has no other name";
}

TEST(server_pool, what_is_said_over_tls_names_certificates) {
  server_pool pool = pool_of("tls://seed");
  const server_url seed = pool.next();
  pool.learn({"n1.example:4222", "10.0.0.2:4222"}, seed);
  EXPECT_FALSE(dialled(pool, "n1.example").host_is_certified) << "anybody could have said it";
  pool.learn({"10.0.0.2:4222", "n1.example:4222", "n3.example:4222"}, seed, true);
  for (const char* host : {"n1.example", "10.0.0.2", "n3.example"}) {
    const server_url url = dialled(pool, host);
    EXPECT_TRUE(url.host_is_certified) << host;
    EXPECT_EQ(url.certified_name, "seed");
  }
  pool.learn({"n1.example:4222", "n4.example:4222"}, dialled(pool, "n1.example"));
  EXPECT_TRUE(dialled(pool, "n1.example").host_is_certified) << "it was said once";
  EXPECT_FALSE(dialled(pool, "n4.example").host_is_certified);
  EXPECT_EQ(dialled(pool, "n4.example").certified_name, "seed");
}

}  // namespace
}  // namespace kvco::core
