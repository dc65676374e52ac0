// The decisions: messages through the ordered consumer, requests and replies through their table.
#include <bench/pure.hpp>
#include <bench/task.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/core/inbox.hpp>
#include <kvco/core/ordered_consumer.hpp>

#include <benchmark/benchmark.h>
#include <variant>

namespace kvco::bench {
namespace {

// --- ordered consumer -----------------------------------------------------------------------------------

struct delivered {
  std::string subject, ack;
};

std::vector<delivered> messages_of(std::size_t count) {
  std::vector<delivered> all;
  for (std::size_t i = 1; i <= count; ++i) {
    const std::string number = std::to_string(i);
    all.push_back({"$KV.B." + key_name(i), "$JS.ACK.KV_B.c.1." + number + '.' + number +
                                               ".1700000000000000000." + std::to_string(count - i)});
  }
  return all;
}

core::consumer_settings settings() {
  core::consumer_settings s;
  s.bucket = "B";
  s.stream = "KV_B";
  s.key_prefix = "$KV.B.";
  s.deliver_prefix = "_INBOX.w.";
  s.name_prefix = "c";
  s.filters = {">"};
  return s;
}

// Answers its requests until it is live.
void begin(core::ordered_consumer& consumer, core::time_point now, std::size_t count) {
  consumer.connected(true, now);
  while (consumer.has_commands()) {
    for (const auto& command : consumer.take_commands()) {
      if (const auto* inspect = std::get_if<core::consumer_command::inspect>(&command)) {
        jetstream::outcome<jetstream::stream_info> info;
        info.value.created = "2024-01-01T00:00:00Z";
        info.value.status.messages = info.value.status.last_revision = count;
        info.value.status.first_revision = 1;
        consumer.on_stream_info(inspect->epoch, info, now);
      } else if (const auto* create = std::get_if<core::consumer_command::create>(&command)) {
        jetstream::outcome<jetstream::consumer_info> made;
        made.value.name = create->name;
        made.value.num_pending = count;
        consumer.on_created(create->epoch, made, now);
      }
    }
  }
}

void consume(benchmark::State& state) {
  constexpr std::size_t count = 10'000;
  const std::vector<delivered> messages = messages_of(count);
  const std::string value(128, 'v');
  const core::time_point now{};
  std::size_t bytes = 0;
  for (const delivered& one : messages) bytes += one.subject.size() + one.ack.size() + value.size();
  for (auto _ : state) {
    core::ordered_consumer consumer(settings(), now);
    begin(consumer, now, count);
    std::size_t entries = 0;
    wire::event message;
    message.kind = wire::event_kind::msg;
    message.payload = value;
    for (const delivered& one : messages) {
      message.subject = one.subject;
      message.reply = one.ack;
      if (consumer.on_message(message, now) != nullptr) ++entries;
    }
    consumer.consumed(entries);
    if (entries != count || !consumer.initial_complete()) return state.SkipWithError("entries were lost");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * count));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

// --- request table --------------------------------------------------------------------------------------

struct pending final : core::waiter {
  void on_reply(const wire::event&) override { ++replies; }
  void on_deadline(core::time_point) override {}
  std::size_t replies = 0;
};

// A request with its deadline comes, its reply comes, it goes; others are open meanwhile.
void exchange(benchmark::State& state, std::size_t open) {
  core::inbox table("_INBOX.Vq3xkbd7K.");
  core::deadlines times;
  std::vector<pending> requests(open);
  std::vector<std::string> replies(open);
  core::time_point now{};
  const auto begin_request = [&](std::size_t i) {
    const auto token = table.add(requests[i]);
    replies[i].assign(table.prefix()).append(token.data(), token.size());
    times.set(requests[i], now += std::chrono::nanoseconds(100));
  };
  for (std::size_t i = 0; i < open; ++i) begin_request(i);
  wire::event reply;
  reply.kind = wire::event_kind::msg;
  for (auto _ : state) {
    for (std::size_t i = 0; i < open; ++i) {
      reply.subject = replies[i];
      if (!table.deliver(reply)) return state.SkipWithError("a reply matched no request");
      times.remove(requests[i]);
      table.remove(requests[i]);
      begin_request(i);
    }
  }
  for (pending& request : requests) {
    if (request.replies != static_cast<std::size_t>(state.iterations()))
      state.SkipWithError("replies were lost");
    times.remove(request);
    table.remove(request);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * open));
}

}  // namespace

void add_ordered_consumer(pure_list& all) {
  const std::string name = "ordered consumer, messages of 128 B";
  if (all.take(name)) benchmark::RegisterBenchmark(name.c_str(), consume);
}

void add_request_table(pure_list& all) {
  for (const std::size_t open : {1u, 1024u, 16'384u}) {
    const std::string name = "request table, " + std::to_string(open) + " open";
    if (all.take(name)) benchmark::RegisterBenchmark(name.c_str(), exchange, open);
  }
}

}  // namespace kvco::bench
