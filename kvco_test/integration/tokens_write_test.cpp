// The writing operations of a bucket with every completion token.
#include "token_cases.hpp"

namespace kvco::test {
namespace {

// Arguments that are gone when the initiating function has returned, and too long to stand in a short string.
struct gone {
  const std::string key = "a-key-of-some-length", fresh = "another-key-of-some-length",
                    value = "another value that is longer than a short string";
};

struct write {
  using value = revision;
  static error_code when_closed() { return client_error::closed; }
  static void check(world&, revision rev) { EXPECT_EQ(rev, 2u); }
};

struct put : write {
  static constexpr const char* name = "put";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.put(g.key, g.value, std::forward<Token>(token)...);
  }
  static void check(world& w, revision rev) {
    EXPECT_EQ(rev, 2u);
    EXPECT_EQ(w.raw.request("$JS.API.DIRECT.GET.KV_ORDERS.$KV.ORDERS." + gone().key).payload, gone().value);
  }
};

struct put_many {
  using value = std::vector<put_outcome>;
  static constexpr const char* name = "put_many";
  static error_code when_closed() { return client_error::closed; }
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    const std::vector<put_item> items = {{g.key, g.value}, {"a b", ""}, {g.fresh, g.value}};
    return w.orders.put_many(items, std::forward<Token>(token)...);
  }
  static void check(world& w, const value& all) {
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].revision(), 2u);
    EXPECT_EQ(all[1].code(), errc::invalid_key);
    EXPECT_EQ(all[2].revision(), 3u);
    EXPECT_EQ(w.raw.request("$JS.API.DIRECT.GET.KV_ORDERS.$KV.ORDERS." + gone().fresh).payload, gone().value);
  }
};

struct create : write {
  static constexpr const char* name = "create";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.create(g.fresh, g.value, std::forward<Token>(token)...);
  }
  static void check(world& w, revision rev) {
    EXPECT_EQ(rev, 2u);
    EXPECT_EQ(w.raw.request("$JS.API.DIRECT.GET.KV_ORDERS.$KV.ORDERS." + gone().fresh).payload, gone().value);
  }
};

struct update : write {
  static constexpr const char* name = "update";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.update(g.key, g.value, 1, std::forward<Token>(token)...);
  }
};

struct erase : write {
  static constexpr const char* name = "erase";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.erase(g.key, std::forward<Token>(token)...);
  }
};

struct purge : write {
  static constexpr const char* name = "purge";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.purge(g.key, {.last_revision = 1}, std::forward<Token>(token)...);
  }
};

struct purge_deletes {
  using value = std::uint64_t;
  static constexpr const char* name = "purge_deletes";
  static error_code when_closed() { return client_error::closed; }
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.orders.purge_deletes({.older_than = {}}, std::forward<Token>(token)...);
  }
  static void check(world&, std::uint64_t purged) { EXPECT_EQ(purged, 0u); }
};

template <class Case>
class tokens_write_test : public testing::Test {};
using write_cases = all_cases<put, put_many, create, update, erase, purge, purge_deletes>;
TYPED_TEST_SUITE(tokens_write_test, write_cases, case_name);
TYPED_TEST(tokens_write_test, give_the_value) { expect_value<TypeParam>(); }
TYPED_TEST(tokens_write_test, give_the_error) { expect_closed<TypeParam>(); }

template <class Op>
class unstarted_write_test : public testing::Test {};
using write_ops = testing::Types<put, put_many, create, update, erase, purge, purge_deletes>;
TYPED_TEST_SUITE(unstarted_write_test, write_ops, op_name);
TYPED_TEST(unstarted_write_test, sends_nothing) { expect_nothing_sent<TypeParam>(); }

}  // namespace
}  // namespace kvco::test
