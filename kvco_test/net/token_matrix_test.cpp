// Every kind of completion token with every shape of result: none, a number, an optional entry, a vector - and with a watcher,
// whose default token has a way of its own. All other operations go through the same template; that they compile with each
// token, and to which type, is checked below.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/token_runs.hpp>

namespace kvco::test {
namespace {

struct no_result {
  using value = void;
  static constexpr const char* name = "none";
  static constexpr const char* expected = "ok";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    return in.nats.flush(std::forward<Token>(token)...);
  }
};

struct trivial_result {
  using value = revision;
  static constexpr const char* name = "trivial";
  static constexpr const char* expected = "ok 2";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    const std::string key = "a-key-of-some-length", text = "a value that is longer than a short string";
    return in.kv.put(key, text, std::forward<Token>(token)...);
  }
};

struct optional_result {
  using value = std::optional<entry>;
  static constexpr const char* name = "optional";
  static constexpr const char* expected = "ok k@1=old";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    const std::string key = "k";
    return in.kv.get(key, std::forward<Token>(token)...);
  }
};

struct vector_result {
  using value = std::vector<std::string>;
  static constexpr const char* name = "vector";
  static constexpr const char* expected = "ok [k ]";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    return in.kv.keys(std::forward<Token>(token)...);
  }
};

struct watched_result {
  using value = std::optional<entry>;
  static constexpr const char* name = "watched";
  static constexpr const char* expected = "ok k@1=old";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    return in.updates.next(std::forward<Token>(token)...);
  }
};

struct batch_result {
  using value = std::optional<std::vector<entry>>;
  static constexpr const char* name = "batch";
  static constexpr const char* expected = "ok [k@1=old ]";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    return in.updates.next_batch(1, std::forward<Token>(token)...);
  }
};

struct ready_result {
  using value = void;
  static constexpr const char* name = "ready";
  static constexpr const char* expected = "ok";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    return in.updates.ready(std::forward<Token>(token)...);
  }
};

template <class Op, class Token>
struct token_case {
  using op = Op;
  using token = Token;
};
template <class Op>
struct with_each_token {
  using types = testing::Types<token_case<Op, tokens::use_awaitable>, token_case<Op, tokens::as_tuple>,
                               token_case<Op, tokens::redirect_error>, token_case<Op, tokens::callback>,
                               token_case<Op, tokens::future>>;
};
struct token_name {
  template <class Case>
  static std::string GetName(int) {
    return std::string(Case::op::name) + "_" + Case::token::name;
  }
};

template <class Case>
class token_matrix : public testing::Test {
 protected:
  void SetUp() override {
    in.server().create_bucket("B");
    in.server().put("B", "k", "old");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.updates = in.kv.watch_all();
  }
  lab in;
};

template <class... Lists>
struct joined;
template <class... A>
struct joined<testing::Types<A...>> {
  using types = testing::Types<A...>;
};
template <class... A, class... B, class... Rest>
struct joined<testing::Types<A...>, testing::Types<B...>, Rest...>
    : joined<testing::Types<A..., B...>, Rest...> {};

using all_token_cases = joined<with_each_token<no_result>::types, with_each_token<trivial_result>::types,
                               with_each_token<optional_result>::types, with_each_token<vector_result>::types,
                               with_each_token<watched_result>::types, with_each_token<batch_result>::types,
                               with_each_token<ready_result>::types>::types;
TYPED_TEST_SUITE(token_matrix, all_token_cases, token_name);

TYPED_TEST(token_matrix, gives_the_value) {
  const ending_in_words how = TypeParam::token::template run<typename TypeParam::op>(this->in);
  ASSERT_TRUE(how.ended);
  EXPECT_FALSE(how.code) << how.code << " " << how.words;
  EXPECT_EQ(how.value, TypeParam::op::expected);
}

TYPED_TEST(token_matrix, gives_the_error) {
  outcome closed;
  this->in.nats.close(note{&closed});
  this->in.run_until([&] { return closed.calls > 0; });
  this->in.updates = this->in.kv.watch_all();
  const ending_in_words how = TypeParam::token::template run<typename TypeParam::op>(this->in);
  ASSERT_TRUE(how.ended);
  EXPECT_EQ(how.code, errc::closed) << how.code << " " << how.words << " " << how.value;
  if (!how.words.empty()) {
    EXPECT_NE(how.words.find(how.code.message()), std::string::npos) << how.words;
  }
}

// The types of the operations that are not run above: a future, and an awaitable.
template <class Value, class Start>
constexpr bool gives() {
  return std::is_same_v<std::invoke_result_t<Start, asio::use_future_t<>, client&, bucket&, watcher&>,
                        std::future<Value>> &&
         std::is_same_v<std::invoke_result_t<Start, asio::use_awaitable_t<>, client&, bucket&, watcher&>,
                        asio::awaitable<Value>>;
}
#define KVCO_GIVES(value, expression)                                                           \
  static_assert(                                                                                \
      gives<value,                                                                              \
            decltype([](auto token, [[maybe_unused]] client& nats, [[maybe_unused]] bucket& kv, \
                        [[maybe_unused]] watcher& updates) -> decltype(auto) { return expression; })>())
KVCO_GIVES(bucket, nats.create_bucket(bucket_config("B"), token));
KVCO_GIVES(bucket, nats.ensure_bucket(bucket_config("B"), token));
KVCO_GIVES(bucket, nats.open_bucket("B", token));
KVCO_GIVES(bucket, nats.update_bucket(bucket_config("B"), token));
KVCO_GIVES(bucket, nats.key_value("B", token));
KVCO_GIVES(bucket, nats.key_value(bucket_config("B"), token));
KVCO_GIVES(std::uint64_t, nats.purge_bucket("B", token));
KVCO_GIVES(account_info, get_account_info(nats, token));
KVCO_GIVES(capabilities, get_capabilities(nats, token));
KVCO_GIVES(void, nats.delete_bucket("B", token));
KVCO_GIVES(std::vector<std::string>, nats.bucket_names(token));
KVCO_GIVES(duration, nats.rtt(token));
KVCO_GIVES(void, nats.drain(token));
KVCO_GIVES(void, nats.close(token));
KVCO_GIVES(revision, kv.create("k", "v", token));
KVCO_GIVES(revision, kv.update("k", "v", 1, token));
KVCO_GIVES(revision, kv.erase("k", token));
KVCO_GIVES(revision, kv.purge("k", token));
KVCO_GIVES(std::uint64_t, kv.purge_deletes(token));
KVCO_GIVES(std::vector<put_outcome>, kv.put_many({{"k", "v"}}, token));
KVCO_GIVES(std::vector<std::optional<entry>>, kv.get_many({"k"}, token));
KVCO_GIVES(std::optional<entry>, kv.get_revision("k", 1, token));
KVCO_GIVES(std::vector<entry>, kv.history("k", token));
KVCO_GIVES(bucket_status, kv.status(token));
KVCO_GIVES(std::optional<entry>, updates.next_initial(token));
KVCO_GIVES(std::optional<std::vector<entry>>, updates.next_batch(token));
KVCO_GIVES(std::optional<std::vector<entry>>, updates.next_batch(7, token));
KVCO_GIVES(void, updates.ready(token));
#undef KVCO_GIVES

}  // namespace
}  // namespace kvco::test
