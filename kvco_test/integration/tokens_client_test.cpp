// The operations of a client with every completion token.
#include "token_cases.hpp"

namespace kvco::test {
namespace {

struct gone {
  const std::string bucket = "ORDERS", fresh = "A_BUCKET_OF_SOME_LENGTH";
};

struct request {
  static error_code when_closed() { return client_error::closed; }
};

struct makes_bucket : request {
  using value = bucket;
  static void check(world& w, const bucket& made) {
    EXPECT_EQ(made.name(), gone().fresh);
    EXPECT_TRUE(stream_exists(w.raw, "KV_" + gone().fresh));
  }
};

struct create_bucket : makes_bucket {
  static constexpr const char* name = "create_bucket";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.nats.create_bucket(bucket_config(g.fresh).history(3), std::forward<Token>(token)...);
  }
};

struct ensure_bucket : makes_bucket {
  static constexpr const char* name = "ensure_bucket";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.nats.ensure_bucket(bucket_config(g.fresh), std::forward<Token>(token)...);
  }
};

struct open_bucket : request {
  using value = bucket;
  static constexpr const char* name = "open_bucket";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.nats.open_bucket(g.bucket, std::forward<Token>(token)...);
  }
  static void check(world&, const bucket& opened) { EXPECT_EQ(opened.name(), "ORDERS"); }
};

struct delete_bucket : request {
  using value = void;
  static constexpr const char* name = "delete_bucket";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.nats.delete_bucket(g.bucket, std::forward<Token>(token)...);
  }
  static void check(world& w, nothing) { EXPECT_FALSE(stream_exists(w.raw, "KV_ORDERS")); }
};

struct bucket_names : request {
  using value = std::vector<std::string>;
  static constexpr const char* name = "bucket_names";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.nats.bucket_names(std::forward<Token>(token)...);
  }
  static void check(world&, const value& names) { EXPECT_EQ(show(names), "ORDERS"); }
};

struct flush : request {
  using value = void;
  static constexpr const char* name = "flush";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.nats.flush(std::forward<Token>(token)...);
  }
  static void check(world&, nothing) {}
};

struct rtt : request {
  using value = duration;
  static constexpr const char* name = "rtt";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.nats.rtt({.timeout = std::chrono::seconds(20)}, std::forward<Token>(token)...);
  }
  static void check(world&, duration trip) { EXPECT_GT(trip.count(), 0); }
};

struct close {
  using value = void;
  static constexpr const char* name = "close";
  static error_code when_closed() { return {}; }  // closing twice is no error
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.nats.close(std::forward<Token>(token)...);
  }
  static void check(world& w, nothing) { EXPECT_FALSE(w.nats.is_connected()); }
};

template <class Case>
class tokens_client_test : public testing::Test {};
using client_cases =
    all_cases<create_bucket, ensure_bucket, open_bucket, delete_bucket, bucket_names, flush, rtt, close>;
TYPED_TEST_SUITE(tokens_client_test, client_cases, case_name);
TYPED_TEST(tokens_client_test, give_the_value) { expect_value<TypeParam>(); }
TYPED_TEST(tokens_client_test, give_the_error) { expect_closed<TypeParam>(); }

template <class Op>
class unstarted_client_test : public testing::Test {};
using client_ops =
    testing::Types<create_bucket, ensure_bucket, open_bucket, delete_bucket, bucket_names, flush, rtt, close>;
TYPED_TEST_SUITE(unstarted_client_test, client_ops, op_name);
TYPED_TEST(unstarted_client_test, sends_nothing) { expect_nothing_sent<TypeParam>(); }

}  // namespace
}  // namespace kvco::test
