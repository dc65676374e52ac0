// Typed operations beside the fake server: every kind of completion token, codecs that fail, entries that cannot be decoded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco/detail/recycle.hpp>
#include <kvco_test/support/fake/token_runs.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <kvco_test/typed/order.hpp>

#include <stdexcept>

namespace kvco::test {
namespace {

using testing::HasSubstr;

struct typed_lab {
  static typed_bucket<order> orders(lab& in) { return typed_bucket<order>(in.kv); }
};

struct typed_put {
  using value = revision;
  static constexpr const char *name = "put", *expected = "ok 2";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    const std::string key = "a-key-of-some-length-that-is-gone";
    return typed_lab::orders(in).put(key, order{2}, std::forward<Token>(token)...);
  }
};
struct typed_get {
  using value = std::optional<typed_entry<order>>;
  static constexpr const char *name = "get", *expected = R"(ok k@1={"Id":1})";
  template <class... Token>
  static auto start(lab& in, Token&&... token) {
    const std::string key = "k";
    return typed_lab::orders(in).get(key, std::forward<Token>(token)...);
  }
};
struct typed_next {
  using value = std::optional<typed_entry<order>>;
  static constexpr const char *name = "next", *expected = R"(ok k@1={"Id":1})";
  template <class... Token>
  static auto start(lab&, Token&&... token) {
    return watched->next(std::forward<Token>(token)...);
  }
  static inline typed_watcher<order, json_codec<order>, plain_keys>* watched = nullptr;
};

template <class Op, class Token>
struct typed_case {
  using op = Op;
  using token = Token;
};
template <class Op, class... Tokens>
using typed_cases_of = testing::Types<typed_case<Op, Tokens>...>;
struct typed_case_name {
  template <class Case>
  static std::string GetName(int) {
    return Case::token::name;
  }
};

template <class Case>
class typed_token : public testing::Test {
 protected:
  void SetUp() override {
    in.server().create_bucket("B");
    in.server().put("B", "k", R"({"Id":1})");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    watched = typed_lab::orders(in).watch_all();
    typed_next::watched = &watched;
  }
  void TearDown() override { watched = {}; }

  template <class Op>
  void expect_value() {
    const ending_in_words how = Case::token::template run<Op>(in);
    ASSERT_TRUE(how.ended);
    EXPECT_FALSE(how.code) << how.code << " " << how.words;
    EXPECT_EQ(how.value, Op::expected);
  }
  template <class Op>
  void expect_closed() {
    const ending_in_words how = Case::token::template run<Op>(in);
    ASSERT_TRUE(how.ended);
    EXPECT_EQ(how.code, errc::closed) << how.code << " " << how.words;
  }

  lab in;
  typed_watcher<order, json_codec<order>, plain_keys> watched;
};
using each_token = typed_cases_of<void, tokens::use_awaitable, tokens::as_tuple, tokens::redirect_error,
                                  tokens::callback, tokens::future>;
TYPED_TEST_SUITE(typed_token, each_token, typed_case_name);

TYPED_TEST(typed_token, gives_the_revision_of_put) { this->template expect_value<typed_put>(); }
TYPED_TEST(typed_token, gives_the_entry_of_get) { this->template expect_value<typed_get>(); }
TYPED_TEST(typed_token, gives_the_entry_of_next) { this->template expect_value<typed_next>(); }
TYPED_TEST(typed_token, gives_the_error) {
  outcome closed;
  this->in.nats.close(note{&closed});
  this->in.run_until([&] { return closed.calls > 0; });
  this->template expect_closed<typed_put>();
  this->template expect_closed<typed_get>();
}

class typed : public testing::Test {
 protected:
  void SetUp() override {
    in.server().create_bucket("B");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  }
  outcome run(const std::function<void(note)>& start) {
    outcome noted;
    start(note{&noted});
    EXPECT_EQ(noted.calls, 0) << "never inside the call";
    in.run_until([&] { return noted.calls > 0; });
    return noted;
  }
  lab in;
};

TEST_F(typed, operation_without_a_token) {
  in.server().put("B", "k", R"({"Id":1})");
  for (const bool later : {false, true}) {
    const ending_in_words got = tokens::default_token<typed_get>(in, later);
    EXPECT_EQ(got.value, typed_get::expected) << got.words;
  }
  EXPECT_EQ(tokens::default_token<typed_put>(in, true).value, "ok 2");
}

TEST_F(typed, operation_is_cancelled_by_its_slot) {
  asio::cancellation_signal signal;
  outcome noted;
  typed_lab::orders(in).get("k", asio::bind_cancellation_slot(signal.slot(), note{&noted}));
  signal.emit(asio::cancellation_type::terminal);
  in.run_until([&] { return noted.calls > 0; });
  EXPECT_EQ(noted.code, asio::error::operation_aborted);
}

TEST_F(typed, operation_completes_on_the_executor_of_its_handler) {
  asio::io_context other;
  outcome noted;
  typed_lab::orders(in).get("k", asio::bind_executor(other.get_executor(), note{&noted}));
  in.run();
  EXPECT_EQ(noted.calls, 0);
  other.run();
  EXPECT_EQ(in_words(noted), "ok none");
}

TEST_F(typed, handle_that_is_empty) {
  const typed_bucket<order> empty;
  EXPECT_FALSE(empty);
  const ending_in_words how = [&] {
    ending_in_words ended;
    auto work = [](typed_bucket<order> from) -> asio::awaitable<void> { co_await from.get("k"); };
    tokens::run_coroutine(in, work(empty), ended);
    return ended;
  }();
  EXPECT_EQ(how.code, errc::closed) << how.words;
}

// --- what it costs ------------------------------------------------------------------------------------------------------

struct count_down {
  int* left;
  template <class T>
  void operator()(error_code code, const T&) const {
    EXPECT_FALSE(code);
    --*left;
  }
};

// Of so many operations at once, from the calls to the completions, without what the scripted world needs for itself.
template <class Start>
std::uint64_t allocations_of_typed(lab& in, Start start) {
  constexpr int batch = 64;
  const auto turn = [&] {
    int left = batch;
    const std::uint64_t before = allocations() - own_allocations::total();
    for (int i = 0; i < batch; ++i) start(count_down{&left});
    in.run();
    EXPECT_EQ(left, 0);
    return allocations() - own_allocations::total() - before;
  };
  for (int i = 0; i < 20; ++i) turn();
  std::uint64_t counted = 0;
  for (int i = 0; i < 20; ++i) counted += turn();
  return counted / 20;
}

TEST_F(typed, operations_allocate_as_little_as_plain_ones) {
  if (!detail::memory_is_recycled()) return;  // with AddressSanitizer
  in.server().put("B", "n", "42");
  const typed_bucket<int> numbers(in.kv);
  const std::uint64_t plain_put = allocations_of_typed(in, [&](auto done) { in.kv.put("n", "42", done); });
  const std::uint64_t plain_get = allocations_of_typed(in, [&](auto done) { in.kv.get("n", done); });
  EXPECT_LE(allocations_of_typed(in, [&](auto done) { numbers.put("n", 42, done); }), plain_put + 1);
  EXPECT_LE(allocations_of_typed(in, [&](auto done) { numbers.get("n", done); }), plain_get + 1);
}

// --- codecs that fail ---------------------------------------------------------------------------------------------------

struct throwing_codec {
  std::string encode(const order& value) const {
    if (value.Id < 0) throw std::runtime_error("no negative orders");
    return std::to_string(value.Id);
  }
  order decode(std::string_view stored) const {
    if (stored == "42") throw 42;
    if (stored.empty()) throw std::runtime_error("an order must not be empty");
    return {1};
  }
};
using throwing_bucket = typed_bucket<order, throwing_codec>;

TEST_F(typed, value_that_cannot_be_encoded_is_not_sent) {
  const std::size_t frames = in.server().frames;
  diagnostics why;
  const outcome noted =
      run([&](note to) { throwing_bucket(in.kv).put("k", {-1}, put_options{.diag = &why}, to); });
  EXPECT_TRUE(failed_with(noted, errc::invalid_value));
  EXPECT_EQ(noted.detail, "no negative orders");
  EXPECT_EQ(why.text, "no negative orders");
  EXPECT_FALSE(why.sent);
  ending_in_words thrown;
  auto work = [](bucket kv) -> asio::awaitable<void> { co_await throwing_bucket(kv).put("k", {-1}); };
  tokens::run_coroutine(in, work(in.kv), thrown);
  EXPECT_EQ(thrown.code, errc::invalid_value);
  EXPECT_THAT(thrown.words, HasSubstr("no negative orders"));
  EXPECT_EQ(in.server().frames, frames);
}

TEST_F(typed, item_that_cannot_be_encoded_keeps_no_other_from_being_stored) {
  const std::vector<std::pair<std::string, order>> items = {
      {"a", {-1}}, {"b", {1}}, {"c", {-2}}, {"d", {2}}, {"e", {-3}}};
  const outcome noted = run([&](note to) { throwing_bucket(in.kv).put_many(items, to); });
  EXPECT_EQ(in_words(noted), "ok [invalid value, 1, invalid value, 2, invalid value, ]");
}

TEST_F(typed, value_that_cannot_be_decoded_is_an_error_of_its_entry) {
  in.server().put("B", "a", "");
  in.server().put("B", "b", "42");
  std::string seen;
  const auto take = [&](error_code code, const std::optional<typed_entry<order>>& e) {
    ASSERT_FALSE(code);
    ASSERT_TRUE(e);
    EXPECT_EQ(e->error().code, errc::invalid_value);
    EXPECT_THROW(e->value(), boost::system::system_error);
    seen += describe(e) + " of " + std::to_string(e->bytes().size()) + ", ";
  };
  throwing_bucket(in.kv).get("a", take);
  in.run();
  throwing_bucket(in.kv).get("b", take);
  in.run();
  EXPECT_EQ(
      seen,
      "a@1 ! an order must not be empty of 0, b@2 ! the codec has thrown what is no std::exception of 2, ");
}

// --- keys ---------------------------------------------------------------------------------------------------------------

using people = typed_bucket<std::string, text_codec, base64_key_codec>;

TEST_F(typed, keys_are_encoded_and_decoded) {
  outcome noted = run([&](note to) { people(in.kv).put("a b.ä", "x", to); });
  EXPECT_EQ(in_words(noted), "ok 1");
  EXPECT_NE(in.server().streams.at("KV_B").last_of("$KV.B.YSBi.w6Q"), nullptr);
  std::string got;
  people(in.kv).get("a b.ä",
                    [&](error_code, const std::optional<typed_entry<std::string>>& e) { got = describe(e); });
  in.run();
  EXPECT_EQ(got, "a b.ä@1=x");
  in.server().put("B", "plain", "y");
  EXPECT_EQ(in_words(run([&](note to) { people(in.kv).keys(to); })), "ok [a b.ä ]") << "others are left out";
  EXPECT_EQ(in_words(run([&](note to) { people(in.kv).keys("a b.*", to); })), "ok [a b.ä ]");
}

TEST_F(typed, key_that_cannot_be_encoded_is_refused) {
  const typed_bucket<std::string, text_codec, path_key_codec> paths(in.kv);
  outcome noted = run([&](note to) { paths.put("/a.b", "x", to); });
  EXPECT_TRUE(failed_with(noted, errc::invalid_key));
  EXPECT_THAT(noted.detail, HasSubstr("\"/a.b\""));
  const std::vector<std::string> keys = {"/a", "/a.b"};
  ending_in_words many;
  auto work = [](auto from, std::vector<std::string> of) -> asio::awaitable<void> {
    co_await from.get_many(of);
  };
  tokens::run_coroutine(in, work(paths, keys), many);
  EXPECT_EQ(many.code, errc::invalid_key);
  EXPECT_THAT(many.words, HasSubstr("keys[1]: "));
}

struct reversed_keys {
  std::string encode(std::string_view key) const { return {key.rbegin(), key.rend()}; }
  std::string decode(std::string_view stored) const { return encode(stored); }
};

TEST_F(typed, filter_that_cannot_be_encoded_ends_its_watch) {
  const typed_bucket<std::string, text_codec, reversed_keys> reversed(in.kv);
  in.server().put("B", "ba", "x");
  auto refused = reversed.watch("a.*");
  auto work = [](auto* from) -> asio::awaitable<void> { co_await from->next(); };
  ending_in_words how;
  tokens::run_coroutine(in, work(&refused), how);
  EXPECT_EQ(how.code, errc::invalid_filter) << how.words;
  auto wait = [](auto* from) -> asio::awaitable<void> { co_await from->ready(); };
  ending_in_words unready;
  tokens::run_coroutine(in, wait(&refused), unready);
  EXPECT_EQ(unready.code, errc::invalid_filter) << unready.words;
  std::string got;
  auto all = reversed.watch_all();
  all.next([&](error_code, const std::optional<typed_entry<std::string>>& e) { got = describe(e); });
  in.run();
  EXPECT_EQ(got, "ab@1=x");
}

TEST_F(typed, entry_whose_key_cannot_be_decoded_has_its_stored_key) {
  in.server().put("B", "pla!n", "x");
  auto all = people(in.kv).watch_all();
  std::string got;
  all.next([&](error_code, const std::optional<typed_entry<std::string>>& e) {
    ASSERT_TRUE(e);
    EXPECT_EQ(e->error().code, errc::invalid_key);
    got = describe(e);
  });
  in.run();
  EXPECT_THAT(got, HasSubstr("pla!n@1 ! a token is not base64url"));
}

}  // namespace
}  // namespace kvco::test
