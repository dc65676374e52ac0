// Core NATS: publish, request, subscribe, and what becomes of them when the server goes.
#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/use_future.hpp>
#include <kvco_test/support/server/connecting.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;
using heard_message = heard<std::optional<message>>;

class messaging_test : public generations_test {};
KVCO_ALSO_ON_OLDER_GENERATIONS(messaging_test);

std::string text_of(const std::optional<message>& m) {
  if (!m) return "end";
  return std::string(m->subject()) + "=" + std::string(m->payload());
}
asio::awaitable<std::string> next_text_of(subscription& from) { co_return text_of(co_await from.next()); }

/// Answers each message with its payload twice.
asio::awaitable<void> serve(client nats, subscription requests) {
  while (std::optional<message> m = co_await requests.next()) {
    const std::string twice = std::string(m->payload()) + std::string(m->payload());
    co_await nats.publish(m->reply_to(), twice);
  }
}

TEST_P(messaging_test, what_is_published_is_received) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription all = nats.subscribe("a.*");
    subscription tail = nats.subscribe("a.>");
    co_await nats.publish("a.b", "1");
    co_await nats.publish("a.b.c", "2");
    co_await nats.publish("b", "3");
    co_await nats.publish("a.d", std::string_view("\0\r\n", 3));
    EXPECT_EQ(co_await next_text_of(all), "a.b=1");
    EXPECT_EQ(co_await next_text_of(all), "a.d=" + std::string("\0\r\n", 3));
    EXPECT_EQ(co_await next_text_of(tail), "a.b=1");
    EXPECT_EQ(co_await next_text_of(tail), "a.b.c=2");
  });
}

TEST_P(messaging_test, a_trace_goes_with_a_message) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription requests = nats.subscribe("a");
    trace_context trace = {.trace_id = {1, 2, 3}, .parent_id = {4, 5, 6}, .flags = trace_context::sampled};
    trace.state = "kvco=1,other=2";
    headers fields;
    inject_trace(trace, fields);
    co_await nats.publish("a", "1", {.headers = &fields});
    co_await nats.publish("a", "2");
    const std::optional<message> with = co_await requests.next();
    const std::optional<message> without = co_await requests.next();
    EXPECT_EQ(with->header("traceparent"), "00-01020300000000000000000000000000-0405060000000000-01");
    EXPECT_EQ(extract_trace(*with), trace);
    EXPECT_EQ(extract_trace(*without), std::nullopt);
  });
}

TEST_P(messaging_test, headers_and_the_reply_subject_arrive) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription all = nats.subscribe("a");
    headers fields{{"Trace", "1"}, {"trace", "2"}};
    fields.add("Trace", "x: y");
    co_await nats.publish("a", "with", {.headers = &fields, .reply_to = "answers"});
    const std::optional<message> got = co_await all.next();
    EXPECT_EQ(got->reply_to(), "answers");
    EXPECT_EQ(got->header("Trace"), "1");
    EXPECT_EQ(got->header("trace"), "2");
    EXPECT_EQ(got->header("none"), std::nullopt);
    EXPECT_THAT(got->headers().get_all("Trace"), ElementsAre("1", "x: y"));
    EXPECT_EQ(got->headers(), (headers{{"Trace", "1"}, {"trace", "2"}, {"Trace", "x: y"}}));
  });
}

TEST_P(messaging_test, a_request_is_answered) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    asio::co_spawn(nats.get_executor(), serve(nats, nats.subscribe("double")), asio::detached);
    const message reply = co_await nats.request("double", "ab");
    EXPECT_EQ(reply.payload(), "abab");
    EXPECT_EQ((co_await nats.request("double", "")).payload(), "");
    co_await nats.close();
  });
}

TEST_P(messaging_test, a_request_that_has_no_responder_fails_at_once) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    diagnostics why;
    auto [code, none] = co_await nats.request("nowhere", "x", {.diag = &why}, nothrow);
    EXPECT_EQ(code, errc::unavailable);
    EXPECT_TRUE(why.sent);
    EXPECT_EQ(why.subject, "nowhere");
  });
}

TEST_P(messaging_test, a_request_without_an_answer_ends_at_its_deadline) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription silent = nats.subscribe("silent");
    auto [unknown, none] = co_await nats.request("silent", "x", {.timeout = 50ms}, nothrow);
    EXPECT_EQ(unknown, errc::outcome_unknown);
    auto [late, nothing] =
        co_await nats.request("silent", "x", {.timeout = 50ms, .retry = retry::idempotent}, nothrow);
    EXPECT_EQ(late, errc::timeout);
  });
}

TEST_P(messaging_test, of_a_queue_group_one_receives_each_message) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription first = nats.subscribe("work", {.queue = "workers"});
    subscription second = nats.subscribe("work", {.queue = "workers"});
    subscription other = nats.subscribe("work");
    for (int i = 0; i < 20; ++i) co_await nats.publish("work", std::to_string(i));
    co_await nats.flush();
    EXPECT_EQ(first.queued() + second.queued(), 20u);
    EXPECT_EQ(other.queued(), 20u);
  });
}

TEST_P(messaging_test, a_subscription_ends_after_its_number_of_messages) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription two = nats.subscribe("a", {.max_messages = 2});
    for (const char* each : {"1", "2", "3"}) co_await nats.publish("a", each);
    co_await nats.flush();
    EXPECT_EQ(co_await next_text_of(two), "a=1");
    EXPECT_EQ(co_await next_text_of(two), "a=2");
    EXPECT_EQ(co_await next_text_of(two), "end");
    EXPECT_EQ(nats.statistics().subscriptions, 1u) << "that for replies";
  });
}

TEST_P(messaging_test, stop_drops_and_drain_keeps_what_was_received) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription stopped = nats.subscribe("a");
    subscription drained = nats.subscribe("a");
    co_await nats.publish("a", "1");
    co_await nats.publish("a", "2");
    drained.drain();
    co_await nats.publish("a", "3");
    co_await nats.flush();
    stopped.stop();
    EXPECT_EQ(co_await next_text_of(stopped), "end");
    EXPECT_EQ(co_await next_text_of(drained), "a=1");
    EXPECT_EQ(co_await next_text_of(drained), "a=2");
    EXPECT_EQ(co_await next_text_of(drained), "end");
  });
}

TEST_P(messaging_test, a_full_subscription_drops_and_counts) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription small = nats.subscribe("a", {.max_pending = 2});
    for (const char* each : {"1", "2", "3", "4"}) co_await nats.publish("a", each);
    co_await nats.flush();
    EXPECT_EQ(small.dropped(), 2u);
    EXPECT_EQ(co_await next_text_of(small), "a=1");
    EXPECT_EQ(co_await next_text_of(small), "a=2");
    co_await nats.publish("a", "5");
    EXPECT_EQ(co_await next_text_of(small), "a=5");
  });
}

TEST_P(messaging_test, a_full_subscription_ends_where_that_is_wanted) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription small = nats.subscribe("a", {.max_pending_bytes = 10, .when_full = when_full::end});
    for (const char* each : {"12345", "12345", "3"}) co_await nats.publish("a", each);
    co_await nats.flush();
    EXPECT_EQ(co_await next_text_of(small), "a=12345");
    auto [code, none] = co_await small.next(nothrow);
    EXPECT_EQ(code, errc::slow_consumer);
  });
}

TEST_P(messaging_test, header_fields_count_as_pending_bytes) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription small = nats.subscribe("a", {.max_pending_bytes = 1000});
    headers fields;
    fields.add("Large", std::string(2000, 'x'));
    co_await nats.publish("a", "1", {.headers = &fields});
    co_await nats.publish("a", "2");
    co_await nats.flush();
    EXPECT_EQ(small.dropped(), 1u);
    EXPECT_EQ(co_await next_text_of(small), "a=2");
  });
}

TEST_P(messaging_test, replies_of_many_are_gathered) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      asio::co_spawn(nats.get_executor(), serve(nats, nats.subscribe("ask")), asio::detached);
    }
    co_await nats.flush();
    subscription three = nats.request_many("ask", "x", {.max_replies = 3});
    for (int i = 0; i < 3; ++i) EXPECT_EQ((co_await three.next())->payload(), "xx");
    EXPECT_FALSE(co_await three.next());
    subscription all = nats.request_many("ask", "y", {.stall = 1s});
    for (int i = 0; i < 3; ++i) EXPECT_EQ((co_await all.next()).value().payload(), "yy");
    EXPECT_FALSE(co_await all.next());
    subscription nothing = nats.request_many("ask", "", {.until_empty = true});
    EXPECT_FALSE(co_await nothing.next());
    subscription nobody = nats.request_many("nowhere", "x");
    auto [code, none] = co_await nobody.next(nothrow);
    EXPECT_EQ(code, errc::unavailable);
    EXPECT_THAT(three.subject(), testing::StartsWith("_INBOX."));
    co_await nats.close();
  });
}

TEST_P(messaging_test, a_confirmed_publish_is_read_by_the_server) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription all = nats.subscribe("a");
    co_await nats.publish("a", "1", {.confirm = true});
    EXPECT_EQ(all.queued(), 1u) << "it came before the PONG";
  });
}

TEST_P(messaging_test, a_denied_publish_is_named_where_it_is_confirmed) {
  nats_server strict({.version = GetParam(),
                      .extra_config =
                          "authorization { users: [ { user: a, password: p, permissions: { "
                          "publish: { deny: \"secret\" }, subscribe: { deny: \"secret\" } } } ] }"});
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(strict.url()).user("a", "p"));
    co_await nats.publish("secret", "not confirmed");
    auto [denied] = co_await nats.publish("secret", "x", {.confirm = true}, nothrow);
    EXPECT_EQ(denied, errc::permission_denied);
    EXPECT_THAT(error_detail(), HasSubstr("secret"));
    auto [other] = co_await nats.publish("open", "x", {.confirm = true}, nothrow);
    EXPECT_FALSE(other);
    subscription refused = nats.subscribe("secret");
    auto [code, none] = co_await refused.next(nothrow);
    EXPECT_EQ(code, errc::permission_denied);
    subscription group = nats.subscribe("secret", {.queue = "q"});
    auto [same, nothing] = co_await group.next(nothrow);
    EXPECT_EQ(same, errc::permission_denied);
    EXPECT_TRUE(nats.is_connected());
    co_await nats.close();
  });
}

TEST_P(messaging_test, subscriptions_outlast_the_connection) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()).reconnect([](auto& reconnect) {
      reconnect.initial_delay(5ms).max_delay(50ms);
    }));
    subscription all = nats.subscribe("a", {.max_messages = 3});
    subscription group = nats.subscribe("a", {.queue = "q"});
    co_await nats.publish("a", "1", {.confirm = true});
    server.kill();
    const auto lost = [&] { return !nats.is_connected(); };
    co_await until(lost);
    server.start();
    co_await nats.publish("a", "2");  // waits for the connection
    co_await nats.publish("a", "3");
    for (const char* each : {"a=1", "a=2", "a=3", "end"}) EXPECT_EQ(co_await next_text_of(all), each);
    for (const char* each : {"a=1", "a=2", "a=3"}) EXPECT_EQ(co_await next_text_of(group), each);
    co_await nats.close();
    auto [closed, none] = co_await group.next(nothrow);
    EXPECT_EQ(closed, asio::error::operation_aborted);
  });
}

TEST_P(messaging_test, draining_the_client_drains_its_subscriptions) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()));
    subscription all = nats.subscribe("a");
    for (int i = 0; i < 5; ++i) co_await nats.publish("a", std::to_string(i));
    co_await nats.drain();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(co_await next_text_of(all), "a=" + std::to_string(i));
    EXPECT_EQ(co_await next_text_of(all), "end");
    subscription late = nats.subscribe("a");
    auto [closed, none] = co_await late.next(nothrow);
    EXPECT_EQ(closed, errc::closed);
    auto [refused] = co_await nats.publish("a", "x", {}, nothrow);
    EXPECT_EQ(refused, errc::closed);
  });
}

TEST_P(messaging_test, many_messages_come_in_order) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription all = nats.subscribe("a", {.max_pending = 200'000});
    for (int i = 0; i < 100'000; ++i) co_await nats.publish("a", std::to_string(i));
    for (int i = 0; i < 100'000; ++i) {
      const std::optional<message> got = co_await all.next();
      if (!got || got->payload() != std::to_string(i)) {
        ADD_FAILURE() << "message " << i << ": " << text_of(got);
        break;
      }
    }
    EXPECT_EQ(all.dropped(), 0u);
  });
}

TEST_P(messaging_test, cancelling_next_loses_no_message) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    subscription all = nats.subscribe("a");
    asio::cancellation_signal stop;
    heard_message next;
    all.next(asio::bind_cancellation_slot(stop.slot(), next));
    auto [busy, none] = co_await all.next(nothrow);
    EXPECT_EQ(busy, errc::already_waiting);
    stop.emit(asio::cancellation_type::total);
    const auto told = [&] { return next.done(); };
    co_await until(told);
    EXPECT_EQ(next.code(), asio::error::operation_aborted);
    co_await nats.publish("a", "1");
    EXPECT_EQ(co_await next_text_of(all), "a=1");
  });
}

TEST_P(messaging_test, destroying_a_subscription_ends_a_next) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    heard_message next;
    {
      subscription all = nats.subscribe("a");
      all.next(next);
    }
    const auto told = [&] { return next.done(); };
    co_await until(told);
    EXPECT_EQ(next.code(), asio::error::operation_aborted);
    EXPECT_EQ(nats.statistics().subscriptions, 1u);
  });
}

TEST_P(messaging_test, what_kvco_does_not_wrap_is_asked_by_jetstream_request) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket&) -> asio::awaitable<void> {
    const std::string info = co_await nats.jetstream_request("STREAM.INFO.KV_B", "");
    EXPECT_THAT(info, HasSubstr(R"("name":"KV_B")"));
    diagnostics why;
    auto [code, none] = co_await nats.jetstream_request("STREAM.INFO.KV_C", "", {.diag = &why}, nothrow);
    EXPECT_EQ(code, errc::bucket_not_found);
    EXPECT_EQ(why.server_code, 10059);
    EXPECT_EQ(why.subject, "$JS.API.STREAM.INFO.KV_C");
    auto [bad, nothing] = co_await nats.jetstream_request("STREAM INFO", "", nothrow);
    EXPECT_EQ(bad, errc::invalid_subject);
  });
}

TEST_P(messaging_test, bad_input_is_refused_before_anything_is_sent) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    using namespace std::string_view_literals;
    for (const std::string_view bad :
         {""sv, "a b"sv, "a\r\nPUB b 0"sv, "a\0b"sv, ".a"sv, "a."sv, "a..b"sv, "a.*"sv, ">"sv}) {
      auto [published] = co_await nats.publish(bad, "x", {}, nothrow);
      EXPECT_EQ(published, errc::invalid_subject) << bad;
      auto [asked, none] = co_await nats.request(bad, "x", nothrow);
      EXPECT_EQ(asked, errc::invalid_subject) << bad;
      subscription many = nats.request_many(bad, "x");
      auto [gathered, nothing] = co_await many.next(nothrow);
      EXPECT_EQ(gathered, errc::invalid_subject) << bad;
    }
    for (const std::string_view bad : {""sv, "a b"sv, "a\nb"sv, "a..b"sv, "a*"sv, ">.a"sv, "a.>b"sv}) {
      subscription all = nats.subscribe(bad);
      auto [code, none] = co_await all.next(nothrow);
      EXPECT_EQ(code, errc::invalid_subject) << bad;
    }
    subscription group = nats.subscribe("a", {.queue = "q q"});
    auto [queue, none] = co_await group.next(nothrow);
    EXPECT_EQ(queue, errc::invalid_subject);
    subscription empty = nats.subscribe("a", {.max_pending = 0});
    auto [setting, nothing] = co_await empty.next(nothrow);
    EXPECT_EQ(setting, errc::invalid_argument);
    for (const auto& [name, value] : {std::pair{""sv, "x"sv},
                                      {"a b"sv, "x"sv},
                                      {"a:"sv, "x"sv},
                                      {"a"sv, "x\r\nb: c"sv},
                                      {"a"sv, "\0"sv}}) {
      headers fields;
      fields.add(name, value);
      auto [code] = co_await nats.publish("a", "x", {.headers = &fields}, nothrow);
      EXPECT_EQ(code, errc::invalid_argument) << name;
    }
    const std::string large(nats.server_info().max_payload + 1, 'x');
    auto [too_large] = co_await nats.publish("a", large, {}, nothrow);
    EXPECT_EQ(too_large, errc::value_too_large);
    auto [negative] = co_await nats.publish("a", "x", {.timeout = -1ns}, nothrow);
    EXPECT_EQ(negative, errc::invalid_argument);
    EXPECT_EQ(nats.statistics().bytes_out, before);
    EXPECT_THROW(co_await nats.publish("a b", "x"), boost::system::system_error);
  });
}

TEST_P(messaging_test, an_empty_handle_is_closed) {
  run([&]() -> asio::awaitable<void> {
    client none;
    auto [published] = co_await none.publish("a", "x", {}, nothrow);
    EXPECT_EQ(published, errc::closed);
    subscription empty = none.subscribe("a");
    EXPECT_FALSE(empty);
    auto [code, nothing] = co_await empty.next(nothrow);
    EXPECT_EQ(code, errc::closed);
    empty.stop();
    empty.drain();
    EXPECT_EQ(empty.queued() + empty.dropped(), 0u);
  });
}

}  // namespace
}  // namespace kvco::test
