// kvco's messages without a bucket: publish, request, a subscription.
#include <bench/kvco_contestant.hpp>
#include <bench/messages.hpp>

#include <stdexcept>

namespace kvco::bench::kvco_works_of {
namespace {

void check(const message& received, const task& what) {
  if (received.has_headers() || received.payload().size() != what.value)
    throw std::runtime_error("not the message that was sent");
}

asio::awaitable<void> publish_all(kvco_client& nats, const task& what, meter& spent) {
  const std::string value(what.value, 'v');
  for (std::size_t i = 0; i < what.operations; ++i) {
    co_await nats.client().publish(sink_subject, value);
    spent.done();
  }
  co_await nats.client().flush();
}

struct requests {
  kvco_client& nats;
  const task& what;
  std::string value = std::string(what.value, 'v');
  std::size_t next = 0;
};

asio::awaitable<void> request_all(requests& all, meter& spent) {
  while (all.next < all.what.operations) {
    ++all.next;
    const message reply = co_await all.nats.client().request(echo_subject, all.value);
    check(reply, all.what);
    spent.done();
  }
}

asio::awaitable<void> take_all(kvco_client& nats, const task& what, meter& spent) {
  subscription feed = nats.client().subscribe(feed_subject);
  std::size_t requested = 0;
  for (; requested < bursts_ahead * burst && requested < what.operations; requested += burst)
    co_await nats.client().publish(more_subject, {});
  for (std::size_t taken = 0; taken < what.operations;) {
    const std::optional<message> m = co_await feed.next();
    if (!m || feed.dropped() != 0) throw std::runtime_error("the subscription has lost messages");
    check(*m, what);
    spent.done();
    if (++taken % burst != 0 || requested >= what.operations) continue;
    requested += burst;
    co_await nats.client().publish(more_subject, {});
  }
}

}  // namespace

outcome publish(kvco_client& nats, const task& what) {
  meter spent(what.operations);
  nats.run([&] { return publish_all(nats, what, spent); });
  return spent.finish();
}

outcome request(kvco_client& nats, const task& what) {
  requests all{nats, what};
  meter spent(what.operations);
  nats.run([&] { return request_all(all, spent); }, what.flight);
  return spent.finish();
}

outcome subscribe(kvco_client& nats, const task& what) {
  meter spent(what.operations);
  nats.run([&] { return take_all(nats, what, spent); });
  return spent.finish();
}

}  // namespace kvco::bench::kvco_works_of
