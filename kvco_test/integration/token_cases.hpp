// Every operation with every completion token: the tokens, and what an operation has to tell to be tested with them.
//
// An operation is a struct with `value` (void for none), `start(world&, token...)`, whose arguments are gone when it
// returns, and `check(world&, value)`.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <future>
#include <kvco_test/support/server/kv_test.hpp>
#include <tuple>
#include <type_traits>

namespace kvco::test {

/// What operations work with. The bucket has "a-key-of-some-length" at revision 1.
struct world {
  world() {
    drive(reactor, [this]() -> asio::awaitable<void> {
      nats = co_await connect(server.url());
      orders = co_await nats.create_bucket(bucket_config("ORDERS").history(5));
      co_await orders.put("a-key-of-some-length", "a value that is longer than a short string");
      updates = orders.watch_all();
    });
  }
  /// From here on every operation fails with errc::closed.
  void close() {
    drive(reactor, [this]() -> asio::awaitable<void> { co_await nats.close(); });
    updates = orders.watch_all();
  }

  asio::io_context reactor{1};
  nats_server server;
  raw_client raw{server.port()};
  client nats;
  bucket orders;
  watcher updates;
};

/// How an operation ended. Where a token throws, `code` is that of the exception.
template <class T>
struct told {
  error_code code;
  std::string words;  // of the exception, if it was one
  std::optional<T> value;
};
struct nothing {};
template <class Op>
using value_of_op = std::conditional_t<std::is_void_v<typename Op::value>, nothing, typename Op::value>;
template <class Op>
using told_by = told<value_of_op<Op>>;

namespace tokens {

// Runs an awaiting function; what it throws becomes a code.
template <class T>
void drive_caught(world& w, told<T>& how, const work& what) {
  try {
    drive(w.reactor, what);
  } catch (const boost::system::system_error& error) {
    how.code = error.code();
    how.words = error.what();
  }
}

template <class Op>
told_by<Op> await_default(world& w, bool at_once) {
  told_by<Op> how;
  drive_caught(w, how, [&]() -> asio::awaitable<void> {
    auto later = Op::start(w);
    if (!at_once) {
      asio::steady_timer turn(w.reactor, std::chrono::milliseconds(1));
      co_await turn.async_wait(asio::deferred);
    }
    if constexpr (std::is_void_v<typename Op::value>) {
      co_await std::move(later);
      how.value.emplace();
    } else {
      how.value.emplace(co_await std::move(later));
    }
  });
  return how;
}

/// co_await op()
struct none {
  static constexpr const char* name = "none";
  template <class Op>
  static told_by<Op> run(world& w) {
    return await_default<Op>(w, true);
  }
};

/// auto later = op(); ... co_await std::move(later)
struct stored {
  static constexpr const char* name = "stored";
  template <class Op>
  static told_by<Op> run(world& w) {
    return await_default<Op>(w, false);
  }
};

/// co_await op(use_awaitable), for awaitable_operators
struct use_awaitable {
  static constexpr const char* name = "use_awaitable";
  template <class Op>
  static told_by<Op> run(world& w) {
    told_by<Op> how;
    drive_caught(w, how, [&]() -> asio::awaitable<void> {
      if constexpr (std::is_void_v<typename Op::value>) {
        co_await Op::start(w, asio::use_awaitable);
        how.value.emplace();
      } else {
        how.value.emplace(co_await Op::start(w, asio::use_awaitable));
      }
    });
    return how;
  }
};

/// auto [ec, value] = co_await op(kvco::nothrow)
struct as_tuple {
  static constexpr const char* name = "as_tuple";
  template <class Op>
  static told_by<Op> run(world& w) {
    told_by<Op> how;
    drive_caught(w, how, [&]() -> asio::awaitable<void> {
      auto ended = co_await Op::start(w, nothrow);
      how.code = std::get<0>(ended);
      if constexpr (std::is_void_v<typename Op::value>) {
        how.value.emplace();
      } else {
        how.value.emplace(std::move(std::get<1>(ended)));
      }
    });
    return how;
  }
};

/// value = co_await op(redirect_error(use_awaitable, ec)); Boost 1.81 has none of deferred.
struct redirect_error {
  static constexpr const char* name = "redirect_error";
  template <class Op>
  static told_by<Op> run(world& w) {
    told_by<Op> how;
    drive_caught(w, how, [&]() -> asio::awaitable<void> {
      if constexpr (std::is_void_v<typename Op::value>) {
        co_await Op::start(w, asio::redirect_error(asio::use_awaitable, how.code));
        how.value.emplace();
      } else {
        how.value.emplace(co_await Op::start(w, asio::redirect_error(asio::use_awaitable, how.code)));
      }
    });
    return how;
  }
};

/// op([](error_code, value) { ... })
struct callback {
  static constexpr const char* name = "callback";
  template <class Op>
  static told_by<Op> run(world& w) {
    told_by<Op> how;
    const auto take = [&](const auto& heard_it) {
      Op::start(w, heard_it);
      EXPECT_EQ(heard_it.times(), 0) << "never inside the call";
      drive_until(w.reactor, [&] { return heard_it.done(); });
      w.reactor.poll();
      EXPECT_EQ(heard_it.times(), 1);
      how.code = heard_it.code();
    };
    if constexpr (std::is_void_v<typename Op::value>) {
      take(heard<>());
      how.value.emplace();
    } else {
      const heard<typename Op::value> one;
      take(one);
      how.value.emplace(one.value());
    }
    return how;
  }
};

/// op(asio::use_future).get()
struct future {
  static constexpr const char* name = "future";
  template <class Op>
  static told_by<Op> run(world& w) {
    told_by<Op> how;
    auto promised = Op::start(w, asio::use_future);
    drive_until(w.reactor,
                [&] { return promised.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    try {
      if constexpr (std::is_void_v<typename Op::value>) {
        promised.get();
        how.value.emplace();
      } else {
        how.value.emplace(promised.get());
      }
    } catch (const boost::system::system_error& error) {
      how.code = error.code();
      how.words = error.what();
    }
    return how;
  }
};

}  // namespace tokens

// --- every operation with every token ---------------------------------------------------------------------------------

template <class Op, class Token>
struct token_case {
  using op = Op;
  using token = Token;
};

template <class... Lists>
struct concatenated;
template <class... A>
struct concatenated<testing::Types<A...>> {
  using type = testing::Types<A...>;
};
template <class... A, class... B, class... Rest>
struct concatenated<testing::Types<A...>, testing::Types<B...>, Rest...>
    : concatenated<testing::Types<A..., B...>, Rest...> {};

template <class Op>
using with_all_tokens =
    testing::Types<token_case<Op, tokens::none>, token_case<Op, tokens::stored>,
                   token_case<Op, tokens::use_awaitable>, token_case<Op, tokens::as_tuple>,
                   token_case<Op, tokens::redirect_error>, token_case<Op, tokens::callback>,
                   token_case<Op, tokens::future>>;
template <class... Ops>
using all_cases = typename concatenated<with_all_tokens<Ops>...>::type;

struct case_name {
  template <class Case>
  static std::string GetName(int) {
    return std::string(Case::op::name) + "_" + Case::token::name;
  }
};
struct op_name {
  template <class Op>
  static std::string GetName(int) {
    return Op::name;
  }
};

/// It completes with its value.
template <class Case>
void expect_value() {
  world w;
  const auto how = Case::token::template run<typename Case::op>(w);
  ASSERT_FALSE(how.code) << how.code << " " << how.words;
  ASSERT_TRUE(how.value.has_value());
  Case::op::check(w, *how.value);
}

/// It completes with an error and its text when the client is closed.
template <class Case>
void expect_closed() {
  world w;
  w.close();
  const auto how = Case::token::template run<typename Case::op>(w);
  EXPECT_EQ(how.code, Case::op::when_closed()) << how.code << " " << how.words;
  if (!how.words.empty()) {
    EXPECT_NE(how.words.find(how.code.message()), std::string::npos) << how.words;
  }
}

/// Made and thrown away, it sends nothing.
template <class Op>
void expect_nothing_sent() {
  world w;
  drive(w.reactor, [&]() -> asio::awaitable<void> {
    co_await initial_of(w.updates);  // the watch is set up: it has no more to say
    co_await w.nats.flush();
    const auto before = w.nats.statistics();
    { [[maybe_unused]] auto never = Op::start(w); }
    co_await w.nats.flush();
    EXPECT_EQ(w.nats.statistics().bytes_out, before.bytes_out + std::string_view("PING\r\n").size());
    EXPECT_EQ(w.nats.statistics().pending_requests, 0u);
    EXPECT_EQ(w.nats.statistics().subscriptions, before.subscriptions);
    EXPECT_TRUE(w.nats.is_connected());
  });
}

}  // namespace kvco::test
