// How operation cases are made from one generic lambda: (lab&, token) -> the operation.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <kvco_test/support/fake/operation_cases.hpp>
#include <tuple>
#include <utility>

namespace kvco::test {

struct no_preparation {
  void operator()(lab&) const {}
};

/// The end of a coroutine: it is cancelled before its operation, too.
struct note_end {
  outcome* to;
  void operator()(std::exception_ptr thrown, outcome result) const {
    ++to->calls;
    if (!thrown) {
      to->code = result.code;
      to->value = result.value;
      to->detail = result.detail;
      return;
    }
    try {
      std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& error) {
      to->code = error.code();
    }
  }
};

template <class Invoke>
asio::awaitable<outcome> in_coroutine(lab& in, Invoke invoke) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  // Handles that live in the frame: they are destroyed with it.
  const client nats = in.nats;
  const bucket kv = in.kv;
  auto results = co_await invoke(in, nothrow);
  outcome result;
  std::apply([&](error_code code, auto&&... values) { note{&result}(code, values...); }, results);
  co_return result;
}

/// A watcher cannot be copied: the coroutine gets the lab's.
template <class Invoke>
asio::awaitable<outcome> with_watcher(lab& in, Invoke invoke) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  watcher updates = std::move(in.updates);
  outcome result;
  auto ended = co_await invoke(updates);
  if constexpr (requires { std::get<error_code>(ended); }) {
    std::apply(note{&result}, ended);
  } else {
    note{&result}(error_code(), ended);
  }
  co_return result;
}

template <class Invoke, class Prepare = no_preparation>
operation_case make_case(std::string name, handle made_from, std::string expected, Invoke invoke,
                         Prepare prepare = {}) {
  operation_case made;
  made.name = std::move(name);
  made.made_from = made_from;
  made.expected = std::move(expected);
  made.prepare = prepare;
  made.start = [invoke](lab& in, asio::cancellation_slot slot, outcome& to) {
    invoke(in, asio::bind_cancellation_slot(slot, note{&to}));
  };
  made.spawn = [invoke](lab& in, asio::cancellation_slot slot, outcome& to) {
    asio::co_spawn(in.executor(), in_coroutine(in, invoke),
                   asio::bind_cancellation_slot(slot, note_end{&to}));
  };
  return made;
}

}  // namespace kvco::test
