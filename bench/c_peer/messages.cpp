// libnats: messages without a bucket, and a program that gets one value.
#include <bench/c_peer/threads.hpp>
#include <bench/c_peer/works.hpp>
#include <bench/messages.hpp>
#include <bench/program.hpp>

#include <filesystem>

namespace kvco::bench::c_peer {
namespace {

using subscription = handle<natsSubscription, natsSubscription_Destroy>;
using message = handle<natsMsg, natsMsg_Destroy>;

constexpr std::int64_t patience_ms = 30'000;

void check_size(const message& received, std::size_t size) {
  if (natsMsg_GetDataLength(received.get()) != static_cast<int>(size))
    throw std::runtime_error("not the message that was sent");
}

void send(const connection& nats, std::string_view subject, const std::string& payload) {
  check(natsConnection_Publish(nats.get(), subject.data(), payload.data(), static_cast<int>(payload.size())),
        "publish");
}

}  // namespace

outcome publish(connection& nats, const task& what) {
  const std::string value(what.value, 'v');
  meter spent(what.operations);
  for (std::size_t i = 0; i < what.operations; ++i) {
    send(nats, sink_subject, value);
    spent.done();
  }
  check(natsConnection_FlushTimeout(nats.get(), patience_ms), "flush");
  return spent.finish();
}

outcome request(connection& nats, const task& what) {
  const std::string value(what.value, 'v');
  return run_threads(what, [&](std::size_t, std::size_t) {
    natsMsg* received = nullptr;
    check(natsConnection_Request(&received, nats.get(), echo_subject.data(), value.data(),
                                 static_cast<int>(value.size()), patience_ms),
          "request");
    check_size(message(received), what.value);
  });
}

outcome subscribe(connection& nats, const task& what) {
  natsSubscription* made = nullptr;
  check(natsConnection_SubscribeSync(&made, nats.get(), feed_subject.data()), "subscribe");
  const subscription feed(made);
  std::size_t requested = 0;
  meter spent(what.operations);
  for (; requested < bursts_ahead * burst && requested < what.operations; requested += burst)
    send(nats, more_subject, {});
  for (std::size_t taken = 0; taken < what.operations;) {
    natsMsg* received = nullptr;
    check(natsSubscription_NextMsg(&received, feed.get(), patience_ms), "next message");
    check_size(message(received), what.value);
    spent.done();
    if (++taken % burst != 0 || requested >= what.operations) continue;
    requested += burst;
    send(nats, more_subject, {});
  }
  return spent.finish();
}

outcome command_get(const task& what) {
  return run_gets({std::filesystem::read_symlink("/proc/self/exe").string(), "--get"}, what);
}

}  // namespace kvco::bench::c_peer
