// What breaks the rules of keys, filters and names is refused by every operation, and nothing of it is sent.
#include <gmock/gmock.h>

#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct bad_input {
  std::string text;
  client_error rule;
  const char* told;  // what the error's detail has of the input
};

constexpr std::size_t longest = 3072;  // so that everything fits the 4096 bytes of a control line

// What no operation takes.
std::vector<bad_input> bad_keys() {
  using enum client_error;
  return {
      {"", key_empty, "\"\""},
      {".a", key_starts_with_dot, ".a"},
      {".", key_starts_with_dot, "\".\""},
      {"a.", key_ends_with_dot, "a."},
      {"a..b", key_has_empty_token, "a..b"},
      {"a b", key_has_invalid_character, "a b"},
      {" ", key_has_invalid_character, "\" \""},
      {"a\tb", key_has_invalid_character, "a\\"},
      {"a\r\nPUB x 0\r\n\r\n", key_has_invalid_character, "a\\"},
      {"a\n", key_has_invalid_character, "a\\"},
      {"a\r", key_has_invalid_character, "a\\"},
      {"a\xff", key_has_invalid_character, "a\\"},
      {"*", key_has_wildcard, "*"},
      {">", key_has_wildcard, ">"},
      {"a.*", key_has_wildcard, "a.*"},
      {"a.>", key_has_wildcard, "a.>"},
      {std::string(longest + 1, 'x'), key_too_long, "xxx"},
  };
}

// What others may have stored: it is read and removed, not written.
std::vector<bad_input> foreign_keys() {
  using enum client_error;
  return {
      {std::string("a\0b", 3), key_has_invalid_character, "a\\"},
      {"a*b", key_has_wildcard, "a*b"},
      {"k\xc3\xa4se", key_has_invalid_character, "k\\"},
      {"a\x7f", key_has_invalid_character, "a\\"},
      {"a\\b", key_has_invalid_character, "a\\"},
      {"a:b", key_has_invalid_character, "a:b"},
      {"a$b", key_has_invalid_character, "a$b"},
  };
}

std::vector<bad_input> bad_filters() {
  using enum client_error;
  return {
      {"", filter_empty, "\"\""},
      {".a", filter_has_empty_token, ".a"},
      {"a.", filter_has_empty_token, "a."},
      {"a..*", filter_has_empty_token, "a..*"},
      {"a b", filter_has_invalid_character, "a b"},
      {"a\r\nSUB > 9\r\n", filter_has_invalid_character, "a\\"},
      {"a\xff", filter_has_invalid_character, "a\\"},
      {"a*b", filter_wildcard_not_alone, "a*b"},
      {"a>", filter_wildcard_not_alone, "a>"},
      {"**", filter_wildcard_not_alone, "**"},
      {">.a", filter_tail_wildcard_not_last, ">.a"},
      {std::string(longest + 1, 'x'), filter_too_long, "xxx"},
  };
}

struct operation_row {
  const char* name;
  std::function<asio::awaitable<error_code>(bucket&, std::string)> run;
};

// Starts an operation without exceptions and gives its code.
template <class Start>
operation_row row(const char* name, Start start) {
  return {name, [start](bucket& b, std::string input) -> asio::awaitable<error_code> {
            auto [ec, value] = co_await start(b, input);
            co_return ec;
          }};
}

std::vector<operation_row> operations_that_store() {
  using str = const std::string&;
  return {
      row("put", [](bucket& b, str k) { return b.put(k, "v", nothrow); }),
      row("create", [](bucket& b, str k) { return b.create(k, "v", nothrow); }),
      row("update", [](bucket& b, str k) { return b.update(k, "v", 1, nothrow); }),
  };
}

std::vector<operation_row> other_operations_of_a_key() {
  using str = const std::string&;
  return {
      row("get", [](bucket& b, str k) { return b.get(k, nothrow); }),
      row("get from the leader",
          [](bucket& b, str k) { return b.get(k, {.consistency = consistency::leader}, nothrow); }),
      row("get_revision", [](bucket& b, str k) { return b.get_revision(k, 1, nothrow); }),
      row("erase", [](bucket& b, str k) { return b.erase(k, nothrow); }),
      row("purge", [](bucket& b, str k) { return b.purge(k, nothrow); }),
      row("history", [](bucket& b, str k) { return b.history(k, nothrow); }),
  };
}

asio::awaitable<error_code> watch_once(bucket& b, std::string filter) {
  watcher refused = b.watch(filter);
  auto [ec, none] = co_await refused.next(nothrow);
  co_return ec;
}

asio::awaitable<error_code> watch_several(bucket& b, std::string filter) {
  watcher refused = b.watch({"good", filter, "fine.>"});
  auto [ec, none] = co_await refused.next_initial(nothrow);
  co_return ec;
}

std::vector<operation_row> operations_of_a_filter() {
  return {row("keys", [](bucket& b, const std::string& f) { return b.keys(std::string_view(f), nothrow); }),
          {"watch", watch_once},
          {"watch several", watch_several}};
}

class bad_input_test : public generations_test {
 protected:
  asio::awaitable<void> all_refused(client& nats, bucket& b, const std::vector<operation_row>& operations,
                                    const std::vector<bad_input>& inputs, errc meaning) {
    for (const operation_row& op : operations) {
      for (const bad_input& bad : inputs) {
        const std::string context = std::string(op.name) + " of \"" + bad.text.substr(0, 20) + "\"";
        co_await nats.flush();  // an earlier watch may still have had something to say
        const auto before = nats.statistics().bytes_out;
        const error_code ec = co_await op.run(b, bad.text);
        const std::string detail = error_detail();
        EXPECT_EQ(ec, meaning) << context;
        EXPECT_EQ(ec, make_error_code(bad.rule)) << context << ec;
        EXPECT_THAT(detail, HasSubstr(bad.told)) << context;
        EXPECT_THAT(detail, Not(HasSubstr("\n"))) << context << ": of one line";
        EXPECT_EQ(nats.statistics().bytes_out, before) << context;
      }
      co_await b.put("good", "v");
      EXPECT_EQ(co_await value_of(b, "good"), "v") << "after " << op.name;
    }
  }
};
KVCO_ALSO_ON_OLDER_GENERATIONS(bad_input_test);

// fault: 64
TEST_P(bad_input_test, every_operation_refuses_every_bad_key) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto storing = operations_that_store(), others = other_operations_of_a_key();
    const auto inputs = bad_keys(), foreign = foreign_keys();
    co_await all_refused(nats, b, storing, inputs, errc::invalid_key);
    co_await all_refused(nats, b, storing, foreign, errc::invalid_key);
    co_await all_refused(nats, b, others, inputs, errc::invalid_key);
    EXPECT_EQ(co_await keys_of(b), "good");
  });
}

// fault: 64
// peer: G11
TEST_P(bad_input_test, keys_and_watches_refuse_every_bad_filter) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto operations = operations_of_a_filter();
    const auto inputs = bad_filters();
    co_await all_refused(nats, b, operations, inputs, errc::invalid_filter);
  });
}

// peer: G12, N49
TEST_P(bad_input_test, an_empty_list_of_filters_is_refused) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher none = b.watch(std::span<const std::string>());
    auto [ec, no_entry] = co_await none.next(nothrow);
    EXPECT_EQ(ec, client_error::filter_list_empty);
    EXPECT_EQ(ec, errc::invalid_filter);
  });
}

TEST_P(bad_input_test, an_exception_names_the_input_and_the_rule) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    std::string what;
    try {
      co_await b.put("a b", "v");
    } catch (const boost::system::system_error& error) {
      EXPECT_EQ(error.code(), errc::invalid_key);
      what = error.what();
    }
    EXPECT_THAT(what, HasSubstr("\"a b\""));
    EXPECT_THAT(what, HasSubstr("must not contain a space"));
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
  });
}

TEST_P(bad_input_test, the_longest_key_works_everywhere) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B").history(3), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::string key(longest, 'x');
    watcher updates = b.watch(key);
    EXPECT_EQ(co_await initial_of(updates), "");
    EXPECT_EQ(co_await b.put(key, "v"), 1u);
    EXPECT_EQ(co_await value_of(b, key), "v");
    const std::optional<entry> old = co_await b.get_revision(key, 1);
    EXPECT_EQ(show(old), key + "@1=v");
    EXPECT_EQ(co_await next_of(updates), key + "@1=v");
    EXPECT_EQ(co_await keys_of(b, key), key);
    EXPECT_EQ(co_await history_of(b, key), key + "@1=v");
    EXPECT_EQ(co_await b.update(key, "w", 1), 2u);
    EXPECT_EQ(co_await b.purge(key), 3u);
    EXPECT_EQ(co_await b.create(key, "again"), 4u);
    EXPECT_EQ(nats.statistics().reconnects, 0u);
  });
}

TEST_P(bad_input_test, odd_but_good_keys_work) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key :
         {"a", "0", "-", "_", "=", "/", "a/b=c_d-e.F", "_kv", "a.b.c.d.e.f.g.h", "a-.-b", "//"}) {
      co_await b.put(key, key);
      EXPECT_EQ(co_await value_of(b, key), key);
      EXPECT_EQ(co_await keys_of(b, key), key);
    }
  });
}

TEST_P(bad_input_test, every_operation_refuses_a_negative_timeout) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    using str = const std::string&;
    static constexpr duration never(-1);
    const std::vector<operation_row> operations = {
        row("put", [](bucket& o, str k) { return o.put(k, "v", {.timeout = never}, nothrow); }),
        row("create", [](bucket& o, str k) { return o.create(k, "v", {.timeout = never}, nothrow); }),
        row("update", [](bucket& o, str k) { return o.update(k, "v", 1, {.timeout = never}, nothrow); }),
        row("get", [](bucket& o, str k) { return o.get(k, {.timeout = never}, nothrow); }),
        row("get_revision",
            [](bucket& o, str k) { return o.get_revision(k, 1, {.timeout = never}, nothrow); }),
        row("erase", [](bucket& o, str k) { return o.erase(k, {.timeout = never}, nothrow); }),
        row("purge", [](bucket& o, str k) { return o.purge(k, {.timeout = never}, nothrow); }),
        row("history", [](bucket& o, str k) { return o.history(k, {.timeout = never}, nothrow); }),
        row("keys", [](bucket& o, str k) { return o.keys(k, {.timeout = never}, nothrow); }),
        row("status", [](bucket& o, str) { return o.status({.timeout = never}, nothrow); }),
    };
    const auto before = nats.statistics().bytes_out;
    for (const operation_row& op : operations) {
      const error_code ec = co_await op.run(b, "k");
      EXPECT_EQ(ec, client_error::timeout_negative) << op.name;
    }
    EXPECT_EQ(nats.statistics().bytes_out, before);
  });
}

// fault: 64
// peer: G3, G5
TEST_P(bad_input_test, every_operation_refuses_every_bad_bucket_name) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    using enum client_error;
    const std::vector<bad_input> names = {{"", bucket_name_empty, "\"\""},
                                          {"a.b", bucket_name_has_invalid_character, "a.b"},
                                          {"a b", bucket_name_has_invalid_character, "a b"},
                                          {"*", bucket_name_has_invalid_character, "*"},
                                          {">", bucket_name_has_invalid_character, ">"},
                                          {"a/b", bucket_name_has_invalid_character, "a/b"},
                                          {"a\r\n", bucket_name_has_invalid_character, "a\\"},
                                          {std::string("a\0", 2), bucket_name_has_invalid_character, "a\\"},
                                          {"k\xc3\xa4se", bucket_name_has_invalid_character, "k\\"},
                                          {std::string(253, 'x'), bucket_name_too_long, "xxx"}};
    const auto before = nats.statistics().bytes_out;
    for (const bad_input& bad : names) {
      auto [opened, no_bucket] = co_await nats.open_bucket(bad.text, nothrow);
      EXPECT_EQ(opened, make_error_code(bad.rule)) << bad.text;
      EXPECT_EQ(opened, errc::invalid_bucket_name) << bad.text;
      EXPECT_THAT(error_detail(), HasSubstr(bad.told));
      auto [created, none] = co_await nats.create_bucket(bucket_config(bad.text), nothrow);
      EXPECT_EQ(created, make_error_code(bad.rule)) << bad.text;
      EXPECT_THAT(error_detail(), HasSubstr(bad.told));
      auto [ensured, no_third] = co_await nats.ensure_bucket(bucket_config(bad.text), nothrow);
      EXPECT_EQ(ensured, make_error_code(bad.rule)) << bad.text;
      auto [deleted] = co_await nats.delete_bucket(bad.text, nothrow);
      EXPECT_EQ(deleted, make_error_code(bad.rule)) << bad.text;
    }
    EXPECT_EQ(nats.statistics().bytes_out, before);
    const std::string longest_name(252, 'x');
    bucket b = co_await nats.create_bucket(bucket_config(longest_name));
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
  });
}

}  // namespace
}  // namespace kvco::test
