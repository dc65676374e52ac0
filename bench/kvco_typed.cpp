// Typed puts and gets, to be compared with plain ones: values that are stored as they are, and JSON of five fields.
#include <bench/kvco_contestant.hpp>

#include <boost/describe/class.hpp>
#include <kvco/typed/typed_bucket.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace kvco::bench {

struct bench_order {
  std::uint64_t id;
  std::string customer;
  double price;
  int pieces;
  bool paid;
};
BOOST_DESCRIBE_STRUCT(bench_order, (), (id, customer, price, pieces, paid))

namespace kvco_works_of {
namespace {

template <class T>
struct typed_run {
  typed_run(kvco_client& client, const task& asked, T stored)
      : nats(client), bucket(client.bucket()), what(asked), value(std::move(stored)) {
    for (std::size_t i = 0; i < what.keys; ++i) keys.push_back(key_name(i));
  }

  kvco_client& nats;
  typed_bucket<T> bucket;
  const task& what;
  T value;
  std::vector<std::string> keys;
  std::size_t next = 0;
};

template <class T>
asio::awaitable<void> put_all(typed_run<T>& state, std::size_t count, meter* spent) {
  while (state.next < count) {
    const std::string& key = state.keys[state.next++ % state.keys.size()];
    co_await state.bucket.put(key, state.value);
    if (spent != nullptr) spent->done();
  }
}

template <class T>
asio::awaitable<void> get_all(typed_run<T>& state, meter* spent) {
  while (state.next < state.what.operations) {
    const std::string& key = state.keys[state.next++ % state.keys.size()];
    const std::optional<typed_entry<T>> e = co_await state.bucket.get(key);
    if (!e || !e->has_value()) throw std::runtime_error("get: it is not the value that was put");
    spent->done();
  }
}

template <class T>
outcome run_typed(kvco_client& nats, const task& what, T value) {
  typed_run<T> state(nats, what, std::move(value));
  const bool gets = what.work.starts_with("get");
  if (gets) nats.run([&] { return put_all(state, state.keys.size(), nullptr); }, 64);
  state.next = 0;
  meter spent(what.operations);
  nats.run([&] { return gets ? get_all(state, &spent) : put_all(state, what.operations, &spent); },
           what.flight);
  return spent.finish();
}

}  // namespace

outcome typed(kvco_client& nats, const task& what) {
  return run_typed(nats, what, std::string(what.value, 'v'));
}
outcome json(kvco_client& nats, const task& what) {
  return run_typed(nats, what, bench_order{1'000'001, "a customer of some length", 12.5, 3, true});
}

}  // namespace kvco_works_of
}  // namespace kvco::bench
