// The reading operations of a bucket with every completion token.
#include "token_cases.hpp"

namespace kvco::test {
namespace {

struct gone {
  const std::string key = "a-key-of-some-length";
};
constexpr const char* stored_entry = "a-key-of-some-length@1=a value that is longer than a short string";

struct read {
  static error_code when_closed() { return client_error::closed; }
};

struct get : read {
  using value = std::optional<entry>;
  static constexpr const char* name = "get";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.get(g.key, std::forward<Token>(token)...);
  }
  static void check(world&, const value& e) { EXPECT_EQ(show(e), stored_entry); }
};

struct get_many : read {
  using value = std::vector<std::optional<entry>>;
  static constexpr const char* name = "get_many";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    const std::vector<std::string> asked = {g.key, "none", g.key};
    return w.orders.get_many(asked, std::forward<Token>(token)...);
  }
  static void check(world&, const value& all) {
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(show(all[0]), stored_entry);
    EXPECT_EQ(show(all[1]), "none");
    EXPECT_EQ(show(all[2]), stored_entry);
  }
};

struct get_revision : get {
  static constexpr const char* name = "get_revision";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.get_revision(g.key, 1, std::forward<Token>(token)...);
  }
};

struct keys : read {
  using value = std::vector<std::string>;
  static constexpr const char* name = "keys";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.orders.keys(std::forward<Token>(token)...);
  }
  static void check(world&, const value& all) { EXPECT_EQ(show(all), gone().key); }
};

struct history : read {
  using value = std::vector<entry>;
  static constexpr const char* name = "history";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const gone g;
    return w.orders.history(g.key, std::forward<Token>(token)...);
  }
  static void check(world&, const value& all) { EXPECT_EQ(show(all), stored_entry); }
};

struct status : read {
  using value = bucket_status;
  static constexpr const char* name = "status";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.orders.status(std::forward<Token>(token)...);
  }
  static void check(world&, const value& is) { EXPECT_EQ(is.values, 1u); }
};

template <class Case>
class tokens_read_test : public testing::Test {};
using read_cases = all_cases<get, get_many, get_revision, keys, history, status>;
TYPED_TEST_SUITE(tokens_read_test, read_cases, case_name);
TYPED_TEST(tokens_read_test, give_the_value) { expect_value<TypeParam>(); }
TYPED_TEST(tokens_read_test, give_the_error) { expect_closed<TypeParam>(); }

template <class Op>
class unstarted_read_test : public testing::Test {};
using read_ops = testing::Types<get, get_many, get_revision, keys, history, status>;
TYPED_TEST_SUITE(unstarted_read_test, read_ops, op_name);
TYPED_TEST(unstarted_read_test, sends_nothing) { expect_nothing_sent<TypeParam>(); }

}  // namespace
}  // namespace kvco::test
