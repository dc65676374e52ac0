// connect() and the operations of a watcher with every completion token.
#include "token_cases.hpp"

namespace kvco::test {
namespace {

constexpr const char* stored_entry = "a-key-of-some-length@1=a value that is longer than a short string";

struct taking {
  static error_code when_closed() { return client_error::closed; }
};

struct next : taking {
  using value = std::optional<entry>;
  static constexpr const char* name = "next";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.updates.next(std::forward<Token>(token)...);
  }
  static void check(world&, const value& e) { EXPECT_EQ(show(e), stored_entry); }
};

struct next_initial : next {
  static constexpr const char* name = "next_initial";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.updates.next_initial(std::forward<Token>(token)...);
  }
};

struct next_batch : taking {
  using value = std::optional<std::vector<entry>>;
  static constexpr const char* name = "next_batch";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    return w.updates.next_batch(std::forward<Token>(token)...);
  }
  static void check(world&, const value& batch) { EXPECT_EQ(show(batch.value()), stored_entry); }
};

// An address at which nobody listens stands for the closed client.
struct connecting {
  using value = client;
  static error_code when_closed() { return client_error::connect_failed; }
  static std::string url(world& w) {
    static const reserved_port nobody;
    return w.nats.is_connected() ? w.server.url() : "nats://127.0.0.1:" + std::to_string(nobody.number());
  }
  static void check(world& w, const client& nats) {
    EXPECT_TRUE(nats.is_connected());
    EXPECT_EQ(nats.server_info().port, w.server.port());
  }
};

struct connect_in_coroutine : connecting {
  static constexpr const char* name = "connect";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const std::string address = url(w);
    return connect(address, std::forward<Token>(token)...);
  }
};

struct connect_on_context : connecting {
  static constexpr const char* name = "connect_on_context";
  template <class... Token>
  static auto start(world& w, Token&&... token) {
    const std::string address = url(w);
    return connect(w.reactor, address, std::forward<Token>(token)...);
  }
};

// Without an executor that is named there has to be a coroutine.
template <class Op>
using with_coroutine_tokens =
    testing::Types<token_case<Op, tokens::none>, token_case<Op, tokens::stored>,
                   token_case<Op, tokens::use_awaitable>, token_case<Op, tokens::as_tuple>,
                   token_case<Op, tokens::redirect_error>>;

template <class Case>
class tokens_watch_test : public testing::Test {};
using watch_cases = concatenated<all_cases<next, next_initial, next_batch, connect_on_context>,
                                 with_coroutine_tokens<connect_in_coroutine>>::type;
TYPED_TEST_SUITE(tokens_watch_test, watch_cases, case_name);
TYPED_TEST(tokens_watch_test, give_the_value) { expect_value<TypeParam>(); }
TYPED_TEST(tokens_watch_test, give_the_error) { expect_closed<TypeParam>(); }

template <class Op>
class unstarted_watch_test : public testing::Test {};
using watch_ops = testing::Types<next, next_initial, next_batch, connect_in_coroutine, connect_on_context>;
TYPED_TEST_SUITE(unstarted_watch_test, watch_ops, op_name);
TYPED_TEST(unstarted_watch_test, sends_nothing) { expect_nothing_sent<TypeParam>(); }

}  // namespace
}  // namespace kvco::test
