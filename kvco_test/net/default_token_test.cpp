// Every operation without a token: awaited at once, awaited in a later turn when its arguments are long gone, refused when the
// client is closed, and thrown away, which sends nothing.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/token_runs.hpp>

#include <functional>
#include <ostream>

namespace kvco::test {
namespace {

// Arguments that are gone when the initiating function has returned, and too long to stand in a short string.
struct gone {
  const std::string key = "a-key-of-some-length", fresh = "another-key-of-some-length",
                    value = "another value that is longer than a short string",
                    bucket = "ORDERS_OF_SOME_LENGTH", made = "A_BUCKET_OF_SOME_LENGTH";
};

struct awaited_case {
  std::string name, expected;
  std::function<ending_in_words(lab&, bool in_a_later_turn)> run;
  std::function<void(lab&)> throw_away;
  std::function<void(lab&)> check = [](lab&) {};
  errc when_closed = errc::closed;

  friend std::ostream& operator<<(std::ostream& to, const awaited_case& c) { return to << c.name; }
};

std::string stored_value(lab& in, const std::string& key) {
  const stored* const found =
      in.server().streams.at("KV_" + gone().bucket).last_of("$KV." + gone().bucket + "." + key);
  return found == nullptr ? "none" : found->payload;
}

template <class Op>
awaited_case make_awaited(
    std::string name, std::string expected, std::function<void(lab&)> check = [](lab&) {}) {
  awaited_case made;
  made.name = std::move(name);
  made.expected = std::move(expected);
  made.run = [](lab& in, bool later) { return tokens::default_token<Op>(in, later); };
  made.throw_away = [](lab& in) { [[maybe_unused]] const auto never = Op::start(in); };
  made.check = std::move(check);
  return made;
}

namespace op {

// An operation as a type: what it gives, and the expression that starts it from `in` and the arguments `g`.
#define KVCO_OPERATION(name, result, expression) \
  struct name {                                  \
    using value = result;                        \
    static auto start(lab& in) {                 \
      const gone g;                              \
      return expression;                         \
    }                                            \
  }
using several_entries = std::vector<std::optional<entry>>;
KVCO_OPERATION(create_bucket, bucket, in.nats.create_bucket(bucket_config(g.made).history(3)));
KVCO_OPERATION(ensure_bucket, bucket, in.nats.ensure_bucket(bucket_config(g.made)));
KVCO_OPERATION(open_bucket, bucket, in.nats.open_bucket(g.bucket));
KVCO_OPERATION(update_bucket, bucket, in.nats.update_bucket(bucket_config(g.bucket).description(g.value)));
KVCO_OPERATION(key_value, bucket, in.nats.key_value(g.bucket));
KVCO_OPERATION(key_value_creates, bucket, in.nats.key_value(bucket_config(g.made).description(g.value)));
KVCO_OPERATION(purge_bucket, std::uint64_t, in.nats.purge_bucket(g.bucket));
KVCO_OPERATION(account, account_info, get_account_info(in.nats));
KVCO_OPERATION(capabilities, kvco::capabilities, get_capabilities(in.nats));
KVCO_OPERATION(delete_bucket, void, in.nats.delete_bucket(g.bucket));
KVCO_OPERATION(bucket_names, std::vector<std::string>, in.nats.bucket_names());
KVCO_OPERATION(flush, void, in.nats.flush());
KVCO_OPERATION(rtt, duration, in.nats.rtt({.timeout = std::chrono::seconds(20)}));
KVCO_OPERATION(drain, void, in.nats.drain());
KVCO_OPERATION(close, void, in.nats.close());
KVCO_OPERATION(put, revision, in.kv.put(g.key, g.value));
KVCO_OPERATION(put_many, std::vector<put_outcome>,
               in.kv.put_many(std::vector<put_item>{{g.key, g.value}, {"a b", ""}, {g.fresh, g.value}}));
KVCO_OPERATION(create, revision, in.kv.create(g.fresh, g.value));
KVCO_OPERATION(update, revision, in.kv.update(g.key, g.value, 1));
KVCO_OPERATION(erase, revision, in.kv.erase(g.key));
KVCO_OPERATION(purge, revision, in.kv.purge(g.key, {.last_revision = 1}));
KVCO_OPERATION(purge_deletes, std::uint64_t, in.kv.purge_deletes());
KVCO_OPERATION(get, std::optional<entry>, in.kv.get(g.key));
KVCO_OPERATION(get_many, several_entries, in.kv.get_many(std::vector<std::string>{g.key, "none", g.key}));
KVCO_OPERATION(get_revision, std::optional<entry>, in.kv.get_revision(g.key, 1));
KVCO_OPERATION(keys, std::vector<std::string>, in.kv.keys());
KVCO_OPERATION(history, std::vector<entry>, in.kv.history(g.key));
KVCO_OPERATION(status, bucket_status, in.kv.status());
KVCO_OPERATION(next, std::optional<entry>, in.updates.next());
KVCO_OPERATION(next_initial, std::optional<entry>, in.updates.next_initial());
KVCO_OPERATION(next_batch, std::optional<std::vector<entry>>, in.updates.next_batch());
KVCO_OPERATION(next_batch_of_one, std::optional<std::vector<entry>>, in.updates.next_batch(1));
KVCO_OPERATION(watch_ready, void, in.updates.ready());
#undef KVCO_OPERATION

}  // namespace op

awaited_case closes_it(awaited_case made) {
  made.when_closed = errc();  // closing twice is no error
  return made;
}

std::vector<awaited_case> every_operation_awaited() {
  const gone g;
  const std::string entry = g.key + "@1=a value that is longer than a short string";
  const auto is_stored = [](std::string key) {
    return [key](lab& in) { EXPECT_EQ(stored_value(in, key), gone().value); };
  };
  const auto is_made = [](lab& in) { EXPECT_TRUE(in.server().streams.contains("KV_" + gone().made)); };
  const auto is_gone = [](lab& in) { EXPECT_FALSE(in.server().streams.contains("KV_" + gone().bucket)); };
  const auto is_closed = [](lab& in) { EXPECT_FALSE(in.nats.is_connected()); };
  return {
      make_awaited<op::create_bucket>("create_bucket", "ok bucket " + g.made, is_made),
      make_awaited<op::ensure_bucket>("ensure_bucket", "ok bucket " + g.made, is_made),
      make_awaited<op::open_bucket>("open_bucket", "ok bucket " + g.bucket),
      make_awaited<op::update_bucket>("update_bucket", "ok bucket " + g.bucket),
      make_awaited<op::key_value>("key_value", "ok bucket " + g.bucket),
      make_awaited<op::key_value_creates>("key_value_creates", "ok bucket " + g.made, is_made),
      make_awaited<op::purge_bucket>("purge_bucket", "ok 1"),
      make_awaited<op::account>("account_info", "ok account of 0 streams"),
      make_awaited<op::capabilities>("capabilities", "ok 2.10.27 level 0"),
      make_awaited<op::delete_bucket>("delete_bucket", "ok", is_gone),
      make_awaited<op::bucket_names>("bucket_names", "ok [B " + g.bucket + " other ]"),
      make_awaited<op::flush>("flush", "ok"),
      make_awaited<op::rtt>("rtt", "ok time"),
      closes_it(make_awaited<op::drain>("drain", "ok", is_closed)),
      closes_it(make_awaited<op::close>("close", "ok", is_closed)),
      make_awaited<op::put>("put", "ok 2", is_stored(g.key)),
      make_awaited<op::put_many>("put_many", "ok [2, invalid key, 3, ]", is_stored(g.fresh)),
      make_awaited<op::create>("create", "ok 2", is_stored(g.fresh)),
      make_awaited<op::update>("update", "ok 2", is_stored(g.key)),
      make_awaited<op::erase>("erase", "ok 2"),
      make_awaited<op::purge>("purge", "ok 2"),
      make_awaited<op::purge_deletes>("purge_deletes", "ok 0"),
      make_awaited<op::get>("get", "ok " + entry),
      make_awaited<op::get_many>("get_many", "ok [" + entry + " none " + entry + " ]"),
      make_awaited<op::get_revision>("get_revision", "ok " + entry),
      make_awaited<op::keys>("keys", "ok [" + g.key + " ]"),
      make_awaited<op::history>("history", "ok [" + entry + " ]"),
      make_awaited<op::status>("status", "ok " + g.bucket + " last 1"),
      make_awaited<op::next>("next", "ok " + entry),
      make_awaited<op::next_initial>("next_initial", "ok " + entry),
      make_awaited<op::next_batch>("next_batch", "ok [" + entry + " ]"),
      make_awaited<op::next_batch_of_one>("next_batch_of_one", "ok [" + entry + " ]"),
      make_awaited<op::watch_ready>("watch_ready", "ok"),
  };
}

class default_token_of : public testing::TestWithParam<awaited_case> {
 protected:
  void SetUp() override {
    in.server().create_bucket(gone().bucket);
    in.server().put(gone().bucket, gone().key, "a value that is longer than a short string");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.nats.open_bucket(gone().bucket, [this](error_code code, bucket opened) {
      EXPECT_FALSE(code);
      in.kv = std::move(opened);
    });
    in.run();
    in.updates = in.kv.watch_all();
  }
  lab in;
};
INSTANTIATE_TEST_SUITE_P(each, default_token_of, testing::ValuesIn(every_operation_awaited()),
                         [](const auto& instance) { return instance.param.name; });

void expect_awaited_value(lab& in, const awaited_case& which, bool in_a_later_turn) {
  const ending_in_words how = which.run(in, in_a_later_turn);
  ASSERT_TRUE(how.ended);
  EXPECT_FALSE(how.code) << how.code << " " << how.words;
  EXPECT_EQ(how.value, which.expected);
  which.check(in);
}

TEST_P(default_token_of, gives_the_value) { expect_awaited_value(in, GetParam(), false); }
TEST_P(default_token_of, gives_the_value_when_it_was_stored_first) {
  expect_awaited_value(in, GetParam(), true);
}

TEST_P(default_token_of, throws_the_error_with_its_words) {
  for (const bool in_a_later_turn : {false, true}) {
    outcome closed;
    in.nats.close(note{&closed});
    in.run_until([&] { return closed.calls > 0; });
    in.updates = in.kv.watch_all();
    const ending_in_words how = GetParam().run(in, in_a_later_turn);
    ASSERT_TRUE(how.ended);
    if (GetParam().when_closed == errc()) {
      EXPECT_FALSE(how.code) << how.code;
      continue;
    }
    EXPECT_EQ(how.code, GetParam().when_closed) << how.code << " " << how.words;
    EXPECT_NE(how.words.find(how.code.message()), std::string::npos) << how.words;
  }
}

TEST_P(default_token_of, sends_nothing_when_it_is_thrown_away) {
  in.run();  // the watch is set up: it has no more to say
  const auto before = in.nats.statistics();
  const std::size_t frames = in.server().frames;
  GetParam().throw_away(in);
  in.run();
  EXPECT_EQ(in.server().frames, frames);
  EXPECT_EQ(in.nats.statistics().bytes_out, before.bytes_out);
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
  EXPECT_EQ(in.nats.statistics().subscriptions, before.subscriptions);
  EXPECT_TRUE(in.nats.is_connected());
}

}  // namespace
}  // namespace kvco::test
