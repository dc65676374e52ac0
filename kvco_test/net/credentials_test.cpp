// Credentials from a function of the program: asked for each connection, bounded in time, safe to destroy in every state; and
// what becomes of refused logins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>
#include <kvco_test/support/fake/turnstile.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// What the client has said in CONNECT, and what the server thinks of it.
struct doorkeeper {
  explicit doorkeeper(lab& in) {
    in.server().script = [this, &in](server_connection& conn, const client_frame& frame) {
      if (frame.what != client_frame::verb::connect) return false;
      said.push_back(frame.text);
      if (refusals == 0) return false;
      --refusals;
      in.server().say(conn, "-ERR '" + words + "'\r\n");
      in.server().close(conn);
      return true;
    };
  }
  int refusals = 0;  // so many of the next
  std::string words = "Authorization Violation";
  std::vector<std::string> said;
};

/// connect(), to whatever end.
struct first_connect {
  explicit first_connect(lab& in) : begin_(in.world().now()) {
    detail::initiate(in.prepare_connect(),
                     asio::bind_cancellation_slot(cancel.slot(), [this, &in](error_code code, client made) {
                       note{&result}(code);
                       in.nats = std::move(made);
                     }));
  }
  bool finish(lab& in) {
    const bool done = in.run_until([&] { return result.calls > 0; });
    took = in.world().now() - begin_;
    in.run();
    return done;
  }
  outcome result;
  duration took{};
  asio::cancellation_signal cancel;

 private:
  core::time_point begin_;
};

TEST(credentials_function, is_asked_for_each_connection) {
  std::vector<std::string> asked;
  lab in(
      config("nats://a:4222").credentials([&](credentials_request request) -> asio::awaitable<credentials> {
        asked.push_back(request.server() + " " + std::to_string(request.refusals()));
        co_return credentials::user("ann", "secret" + std::to_string(asked.size()));
      }));
  doorkeeper door(in);
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  for (std::size_t n = 2; n <= 3; ++n) {
    in.world().end_connection(asio::error::eof);
    ASSERT_TRUE(in.run_until([&] { return door.said.size() == n && in.nats.is_connected(); }));
  }
  EXPECT_THAT(asked, ElementsAre("a:4222 0", "a:4222 0", "a:4222 0"));
  for (std::size_t n = 1; n <= 3; ++n) {
    EXPECT_THAT(door.said[n - 1], HasSubstr("\"user\":\"ann\",\"pass\":\"secret" + std::to_string(n) + "\""));
  }
  in.server().script = nullptr;
  in.expect_working();
}

TEST(credentials_function, gives_a_token_or_nothing) {
  for (const bool some : {true, false}) {
    lab in(config("nats://a:4222").credentials([&](credentials_request) -> asio::awaitable<credentials> {
      co_return some ? credentials::token("tok-en") : credentials();
    }));
    doorkeeper door(in);
    ASSERT_NO_FATAL_FAILURE(in.connect());
    EXPECT_EQ(door.said.at(0).find("\"auth_token\":\"tok-en\"") != std::string::npos, some) << door.said[0];
    EXPECT_THAT(door.said[0], Not(HasSubstr("user")));
  }
}

TEST(credentials_function, is_not_asked_where_the_url_has_credentials) {
  int asked = 0;
  lab in(config("nats://bob:pw@a:4222").credentials([&](credentials_request) -> asio::awaitable<credentials> {
    ++asked;
    co_return credentials();
  }));
  doorkeeper door(in);
  ASSERT_NO_FATAL_FAILURE(in.connect());
  EXPECT_EQ(asked, 0);
  EXPECT_THAT(door.said.at(0), HasSubstr("bob"));
}

// fault: 38
TEST(credentials_function, may_throw) {
  struct row {
    std::function<asio::awaitable<credentials>(credentials_request)> function;
    std::string words;
  };
  const row rows[] = {
      {[](credentials_request) -> asio::awaitable<credentials> { throw std::runtime_error("no vault"); },
       "no vault"},
      {[](credentials_request) -> asio::awaitable<credentials> {
         throw std::runtime_error("vault is shut");
         co_return credentials();
       },
       "vault is shut"},
      {[](credentials_request) -> asio::awaitable<credentials> {
         throw 7;
         co_return credentials();
       },
       "no std::exception"},
  };
  for (const row& r : rows) {
    lab in(config("nats://a:1,b:2").credentials(r.function));
    first_connect made(in);
    ASSERT_TRUE(made.finish(in));
    EXPECT_TRUE(failed_with(made.result, errc::authentication_failed));
    EXPECT_EQ(made.result.code, client_error::credentials_unavailable);
    EXPECT_THAT(made.result.detail, HasSubstr(r.words));
    EXPECT_EQ(in.world().dials.size(), 1u) << "the other servers would not hear of any either";
    EXPECT_EQ(made.took, 0s);
  }
}

// fault: 38
TEST(credentials_function, that_throws_later_is_asked_again) {
  int asked = 0;
  std::vector<core::time_point> refusals;
  lab* world_of = nullptr;
  // A pause is by chance up to its length: with these the ten of them are some 40 s, whatever is drawn.
  lab in(config("nats://a:4222")
             .reconnect([](auto& reconnect) { reconnect.initial_delay(1s).max_delay(10s); })
             .credentials([&](credentials_request) -> asio::awaitable<credentials> {
               if (++asked > 1 && asked < 12) {
                 refusals.push_back(world_of->world().now());
                 throw std::runtime_error("no vault");
               }
               co_return credentials::token("t");
             }));
  world_of = &in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().end_connection(asio::error::eof);
  in.run();
  const core::time_point lost = in.world().now();
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_EQ(asked, 12);
  EXPECT_GE(in.world().now() - lost, 10s) << "without a pause between attempts";
  for (std::size_t i = 1; i < refusals.size(); ++i) EXPECT_GT(refusals[i], refusals[i - 1]) << i;
  in.expect_working();
}

TEST(credentials_function, gives_what_cannot_be_read) {
  for (const std::string secret : {"SUABC", "-----BEGIN NATS USER JWT-----\nnope"}) {
    lab in(config("nats://a:4222").credentials([&](credentials_request) -> asio::awaitable<credentials> {
      co_return secret.size() > 10 ? credentials::creds(secret) : credentials::nkey(secret);
    }));
    first_connect made(in);
    ASSERT_TRUE(made.finish(in));
    EXPECT_TRUE(failed_with(made.result, errc::invalid_argument));
    EXPECT_THAT(made.result.detail, Not(HasSubstr(secret)));
    EXPECT_THAT(made.result.detail, HasSubstr("what credentials() gave"));
  }
}

// Blocks of memory that the library gives back hold nothing of it, however long it is.
TEST(credentials_function, leaves_nothing_of_a_secret_in_freed_memory) {
  for (const std::size_t times : {1u, 40u, 400u}) {
    // Another one each time: what the test itself has freed comes back in blocks of the library.
    const std::string secret = "open sesame " + std::to_string(times);
    std::string password;
    password.reserve(times * secret.size());
    for (std::size_t i = 0; i < times; ++i) password += secret;
    lab in(config("nats://a:4222").credentials([&](credentials_request) -> asio::awaitable<credentials> {
      co_return credentials::user("ann", password);
    }));
    const search_of_freed_memory search(secret);
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.world().end_connection(asio::error::eof);
    ASSERT_TRUE(in.run_until([&] { return in.world().dials.size() == 2 && in.nats.is_connected(); }));
    in.drop_handles();
    in.forget_session();
    in.run_until([] { return false; });
    EXPECT_EQ(search.found(), 0u) << password.size() << " bytes";
    ASSERT_TRUE(in.session_is_gone());
  }
}

/// A function that waits for ever. It notes how it ended.
struct sleeper {
  explicit sleeper(bool heeds) : heeds_cancellation(heeds) {}
  asio::awaitable<credentials> operator()(credentials_request) {
    ++*begun;
    struct end {
      std::shared_ptr<int> ended;
      ~end() { ++*ended; }
    } guard{ended};
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    if (!heeds_cancellation) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await never.async_wait(asio::use_awaitable);
    co_return credentials();
  }
  bool heeds_cancellation;
  std::shared_ptr<int> begun = std::make_shared<int>(0), ended = std::make_shared<int>(0);
};

// fault: 38
TEST(credentials_function, that_never_returns_is_bounded_by_the_deadline) {
  for (const bool heeds : {true, false}) {
    const sleeper function(heeds);
    {
      lab in(config("nats://a:1,b:2").connect_timeout(3s).credentials(function));
      first_connect made(in);
      ASSERT_TRUE(made.finish(in));
      EXPECT_TRUE(failed_with(made.result, errc::connect_failed));
      EXPECT_EQ(made.took, 6s) << "each server has its time";
      EXPECT_EQ(*function.begun, 2);
      EXPECT_EQ(*function.ended, heeds ? 2 : 0) << "cancelled, or not";
      in.forget_session();
      EXPECT_TRUE(in.session_is_gone()) << "kept by a function that does not end";
    }
    EXPECT_EQ(*function.ended, 2);
  }
}

// fault: 38
TEST(credentials_function, may_answer_when_nobody_waits_any_more) {
  lab in(config("nats://a:4222").connect_timeout(1s));
  turnstile gate(in.executor());
  bool wait = true;
  in.settings.credentials([&](credentials_request) -> asio::awaitable<credentials> {
    if (wait) co_await gate.wait(asio::deferred);
    co_return credentials::token("late");
  });
  first_connect first(in);
  ASSERT_TRUE(first.finish(in));
  EXPECT_TRUE(failed_with(first.result, errc::connect_failed));
  wait = false;
  doorkeeper door(in);
  ASSERT_NO_FATAL_FAILURE(in.connect());
  gate.open();
  in.run();
  EXPECT_TRUE(in.nats.is_connected());
  EXPECT_EQ(door.said.size(), 1u);
}

/// The function waits for the test. Everything is destroyed or cancelled at every step of connect().
template <class End>
void at_every_step(const End& end) {
  for (std::size_t k = 0;; ++k) {
    SCOPED_TRACE(k);
    const sleeper function(true);
    bool over = false;
    {
      lab in(config("nats://a:4222").connect_timeout(3s).credentials(function));
      first_connect made(in);
      for (std::size_t i = 0; i < k; ++i) in.step_or_wait();
      over = made.result.calls > 0;
      if (!over) end(in, made);
      EXPECT_LE(made.result.calls, 1);
    }
    EXPECT_EQ(*function.begun, *function.ended) << "a coroutine is left over";
    if (over || testing::Test::HasFailure()) {
      EXPECT_GT(k, 6u) << "it had no steps";
      return;
    }
  }
}

// fault: 77
TEST(credentials_function, the_reactor_goes_in_every_state) {
  at_every_step([](lab& in, first_connect& made) {
    in.destroy_reactor();
    EXPECT_EQ(made.result.calls, 0);
  });
}

// fault: 38, 76
TEST(credentials_function, connect_is_cancelled_in_every_state) {
  at_every_step([](lab& in, first_connect& made) {
    made.cancel.emit(asio::cancellation_type::terminal);
    in.run();
    EXPECT_EQ(made.result.calls, 1);
    // Or its deadline had just passed.
    EXPECT_TRUE(made.result.code == asio::error::operation_aborted ||
                made.result.code == errc::connect_failed)
        << made.result.code.message();
    in.forget_session();
    in.run_until([] { return false; }, 10s);
    EXPECT_TRUE(in.session_is_gone());
    EXPECT_TRUE(in.reactor().stopped()) << "something is left on the reactor";
  });
}

// fault: 38
TEST(credentials_function, the_client_goes_while_it_is_asked_again) {
  for (const bool closes : {true, false}) {
    sleeper again(true);
    int asked = 0;
    lab in(
        config("nats://a:4222").credentials([&](credentials_request request) -> asio::awaitable<credentials> {
          if (++asked == 1) co_return credentials();
          co_return co_await again(std::move(request));
        }));
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    outcome put, closed;
    in.kv.put("k", "v", note{&put});
    in.run();
    in.world().end_connection(asio::error::eof);
    ASSERT_TRUE(in.run_until([&] { return *again.begun == 1; }));
    outcome later;
    in.kv.put("k", "v", note{&later});
    if (closes) in.nats.close(note{&closed});
    in.drop_handles();
    in.run();
    EXPECT_EQ(later.code, asio::error::operation_aborted);
    EXPECT_EQ(*again.ended, 1);
    EXPECT_EQ(closed.calls, closes ? 1 : 0);
    in.run_until([] { return false; }, 5s);
    EXPECT_TRUE(in.reactor().stopped());
  }
}

// --- refused logins -------------------------------------------------------------------------------------------------

config with_function() {
  return config("nats://a:1,b:2").credentials([](credentials_request r) -> asio::awaitable<credentials> {
    co_return credentials::token("after " + std::to_string(r.refusals()));
  });
}

// fault: 35
TEST(refused_login, fails_at_once_at_the_start) {
  for (const bool retry : {false, true}) {
    for (config settings : {config("nats://a:1,b:2").user("ann", "secret"), with_function()}) {
      lab in(settings.reconnect([&](auto& reconnect) { reconnect.retry_first_connect(retry); }));
      doorkeeper door(in);
      door.refusals = 100;
      first_connect made(in);
      ASSERT_TRUE(made.finish(in));
      EXPECT_TRUE(failed_with(made.result, errc::authentication_failed));
      EXPECT_THAT(made.result.detail, HasSubstr("Authorization Violation"));
      EXPECT_THAT(made.result.detail, Not(HasSubstr("secret")));
      EXPECT_EQ(in.world().dials.size(), 1u);
      EXPECT_EQ(made.took, 0s);
    }
  }
}

TEST(refused_login, of_credentials_in_a_url_leaves_the_other_servers) {
  lab in(config("nats://ann:old@a:1,nats://ann:new@b:2").shuffle_servers(false));
  doorkeeper door(in);
  door.refusals = 1;
  ASSERT_NO_FATAL_FAILURE(in.connect());
  EXPECT_EQ(in.world().dials.back().host, "b");
}

// fault: 35
TEST(refused_login, ends_the_client_at_the_second_when_nothing_can_be_renewed) {
  lab in(config("nats://a:1").user("ann", "secret"));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  doorkeeper door(in);
  door.refusals = 100;
  in.updates = in.kv.watch_all();
  outcome next, waiting, later;
  in.updates.next(note{&next});
  in.run();
  in.world().end_connection(asio::error::eof);
  in.run();
  in.kv.put("k", "v", note{&waiting});
  ASSERT_TRUE(in.run_until([&] { return waiting.calls > 0; }));
  EXPECT_TRUE(failed_with(waiting, errc::authentication_failed));
  in.run();
  EXPECT_TRUE(failed_with(next, errc::authentication_failed));
  EXPECT_EQ(door.said.size(), 2u);
  in.kv.put("k", "v", note{&later});
  in.pass(60s);
  EXPECT_TRUE(failed_with(later, errc::closed));
  EXPECT_EQ(in.world().dials.size(), 3u) << "goes on all the same";
}

// They are not those that were refused before.
TEST(refused_login, of_other_credentials_in_a_url_for_the_same_server_is_the_first) {
  lab in(config("nats://ann:old@a:1"));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  doorkeeper door(in);
  door.refusals = 2;
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return door.said.size() == 1; }));
  outcome set;
  set_servers(in.nats, "nats://ann:new@a:1", note{&set});
  in.run();
  EXPECT_TRUE(succeeded(set));
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_EQ(door.said.size(), 3u);
}

/// A cluster whose nodes let nobody in from now on, but for `good`, until the clock says `until`.
void shut_the_doors(lab& in, core::time_point until, std::string killed) {
  in.world().on_dial = [&in, until, killed = std::move(killed)](const dial& to) {
    return to.host == killed && in.world().now() < until ? answer::refuse : answer::accept;
  };
  in.server().script = [&in, until](server_connection& conn, const client_frame& frame) {
    if (frame.what != client_frame::verb::connect || in.world().now() >= until) return false;
    in.server().say(conn, "-ERR 'Authorization Violation'\r\n");
    in.server().close(conn);
    return true;
  };
  in.world().end_connection(asio::error::eof);
  in.run();
}

// The node of the client was killed, and the user has not come to the others yet.
// fault: 35
// field: X11
TEST(refused_login, by_some_servers_is_no_reason_to_give_up_while_another_is_away) {
  lab in(config("nats://a:1,b:2,c:3").user("ann", "secret").shuffle_servers(false));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  shut_the_doors(in, in.world().now() + 3s, "a");
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_GT(in.nats.statistics().authentication_failures, 4u);
  in.expect_working();
}

TEST(refused_login, by_every_server_twice_ends_the_client) {
  lab in(config("nats://a:1,b:2,c:3").user("ann", "secret").shuffle_servers(false));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  shut_the_doors(in, in.world().now() + 1h, "");
  in.pass(60s);
  EXPECT_EQ(in.nats.health().state, connection_state::closed);
  EXPECT_EQ(in.nats.statistics().authentication_failures, 6u);
}

// fault: 35
// field: X11
TEST(refused_login, may_pass_within_the_time_that_is_set) {
  for (const duration time : {0s, 2s, 10s}) {
    lab in(config("nats://a:1").user("ann", "secret").reconnect([&](auto& reconnect) {
      reconnect.retry_refused_credentials(time);
    }));
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    const core::time_point begin = in.world().now();
    shut_the_doors(in, begin + 3s, "");
    in.run_until(
        [&] { return in.nats.is_connected() || in.nats.health().state == connection_state::closed; });
    EXPECT_EQ(in.nats.is_connected(), time == 10s) << time.count();
    EXPECT_GE(in.world().now() - begin, std::min<duration>(time, 3s));
  }
}

TEST(refused_login, once_is_no_reason_to_give_up) {
  lab in(config("nats://a:1").user("ann", "secret"));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  doorkeeper door(in);
  for (int round = 0; round < 5; ++round) {
    door.refusals = 1;
    in.world().end_connection(asio::error::eof);
    in.run();
    ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  }
  in.server().script = nullptr;
  in.expect_working();
}

// fault: 35
TEST(refused_login, with_a_function_is_tried_again_with_what_it_gives_then) {
  lab in(with_function());
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  doorkeeper door(in);
  door.refusals = 9;
  in.world().end_connection(asio::error::eof);
  in.run();
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  ASSERT_EQ(door.said.size(), 10u);
  for (std::size_t i = 0; i < door.said.size(); ++i) {
    EXPECT_THAT(door.said[i], HasSubstr("after " + std::to_string(i)));
  }
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return door.said.size() == 11; }));
  EXPECT_THAT(door.said.back(), HasSubstr("after 0"));
  in.server().script = nullptr;
  in.expect_working();
}

// A server that had no time to look at them says nothing of what they are.
TEST(refused_login, is_not_what_a_slow_server_says) {
  lab in(config("nats://a:1").user("ann", "secret"));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  doorkeeper door(in);
  door.refusals = 5;
  door.words = "Authentication Timeout";
  in.world().end_connection(asio::error::eof);
  in.run();
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_EQ(in.nats.statistics().authentication_failures, 0u);
  in.server().script = nullptr;
  in.expect_working();
}

}  // namespace
}  // namespace kvco::test
