// What an operation's options may ask for: more of its end than the code says.
#include <gmock/gmock.h>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class diagnostics_test : public generations_test {
 protected:
  diagnostics why;
};
KVCO_ON_ALL_GENERATIONS(diagnostics_test);

// contract: 3
TEST_P(diagnostics_test, of_the_servers_refusal) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "1", {.diag = &why});
    EXPECT_EQ(why.text, "");
    EXPECT_EQ(why.subject, "$KV.B.k");
    EXPECT_EQ(why.attempts, 1u);
    EXPECT_TRUE(why.sent);
    auto [conflict, none] = co_await b.update("k", "2", 7, {.diag = &why}, nothrow);
    EXPECT_EQ(conflict, errc::wrong_last_revision);
    EXPECT_EQ(why.server_code, 10071);
    EXPECT_THAT(why.text, HasSubstr("wrong last sequence: 1"));
    EXPECT_TRUE(why.sent);
    auto [exists, no_revision] = co_await b.create("k", "2", {.diag = &why}, nothrow);
    EXPECT_EQ(exists, errc::key_exists);
    EXPECT_EQ(why.server_code, 10071);
    EXPECT_THAT(why.text, HasSubstr("revision 1"));
    EXPECT_GE(why.attempts, 2u);
  });
}

// contract: 3
TEST_P(diagnostics_test, of_what_was_never_sent) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    auto [refused, none] = co_await b.put("a..b", "1", {.diag = &why}, nothrow);
    EXPECT_EQ(refused, errc::invalid_key);
    EXPECT_FALSE(why.sent);
    EXPECT_EQ(why.attempts, 0u);
    EXPECT_EQ(why.subject, "");
    EXPECT_THAT(why.text, HasSubstr("a..b"));
    auto [no_bucket, nothing] = co_await nats.open_bucket("none", {.diag = &why}, nothrow);
    EXPECT_EQ(no_bucket, errc::bucket_not_found);
    EXPECT_EQ(why.server_code, 10059);
    EXPECT_EQ(why.subject, "$JS.API.STREAM.INFO.KV_none");
    EXPECT_TRUE(why.sent);
    watcher updates = b.watch("a..b", {.diag = &why});
    EXPECT_THAT(why.text, HasSubstr("a..b"));
  });
}

// The code says the same to everybody, wherever it is looked at.
// contract: 3
TEST_P(diagnostics_test, are_no_part_of_the_codes_message) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string plain = error_code(client_error::key_has_empty_token).message();
    auto [refused, none] = co_await b.put("a..b", "1", nothrow);
    EXPECT_EQ(refused.message(), plain);
    auto there = asio::make_strand(co_await asio::this_coro::executor);
    std::string message, detail;
    b.put("a..b", "1", asio::bind_executor(there, [&](error_code code, revision) {
            message = code.message();
            detail = error_detail();
          }));
    co_await until([&] { return !message.empty(); });
    EXPECT_EQ(message, plain);
    EXPECT_THAT(detail, HasSubstr("a..b")) << "also on another executor";
    std::string what;
    try {
      co_await b.put("a..b", "1");
    } catch (const boost::system::system_error& error) {
      what = error.what();
      EXPECT_EQ(error.code().message(), plain);
    }
    EXPECT_THAT(what, HasSubstr("a..b"));
    EXPECT_THAT(what, HasSubstr(plain));
  });
}

// contract: 3
TEST_P(diagnostics_test, of_a_write_that_was_repeated) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    server.pause();
    heard<revision> put;
    b.put("k", "v", {.timeout = 20s, .retry = retry::idempotent, .diag = &why}, put);
    co_await until([&] { return nats.health().pending_requests > 0; });
    server.kill();
    server.start();
    co_await until([&] { return put.done(); });
    EXPECT_FALSE(put.code()) << put.code() << put.detail();
    EXPECT_GE(why.attempts, 2u);
    EXPECT_TRUE(why.sent);
    auto [late, none] = co_await b.get("k", {.timeout = 1ns, .diag = &why}, nothrow);
    EXPECT_EQ(late, errc::timeout);
  });
}

}  // namespace
}  // namespace kvco::test
