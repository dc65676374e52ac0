// Talks to an ordered consumer by hand: its commands in short words, replies and deliveries in short calls.
#pragma once

#include <chrono>
#include <kvco/core/ordered_consumer.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::core {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

inline error_code server_says(int code) { return {code, jetstream_category()}; }

inline consumer_settings plain_settings() {
  consumer_settings settings;
  settings.bucket = "b";
  settings.stream = "KV_b";
  settings.key_prefix = "$KV.b.";
  settings.deliver_prefix = "_INBOX.w.";
  settings.name_prefix = "kvco_w_";
  settings.filters = {">"};
  return settings;
}

struct watch_script {
  explicit watch_script(consumer_settings settings = plain_settings(), bool filter_lists = true)
      : lists(filter_lists), consumer(std::move(settings), now) {
    consumer.connected(lists, now);
  }

  /// The commands that wait, in short words.
  strings commands() {
    strings words;
    for (const auto& command : consumer.take_commands()) words.push_back(say(command));
    return words;
  }
  std::string say(const consumer_command::any& command) {
    if (auto* c = std::get_if<consumer_command::subscribe>(&command)) return "subscribe " + c->subject;
    if (auto* c = std::get_if<consumer_command::inspect>(&command))
      return "inspect " + std::to_string(c->epoch);
    if (auto* c = std::get_if<consumer_command::locate>(&command)) return "locate " + c->filter;
    if (auto* c = std::get_if<consumer_command::remove>(&command)) return "remove " + c->name;
    if (auto* c = std::get_if<consumer_command::flow>(&command)) return "flow " + c->subject;
    if (auto* c = std::get_if<consumer_command::create>(&command)) {
      request = c->payload;
      filter = c->filter;
      return "create " + c->name;
    }
    return "unsubscribe";
  }

  void info(std::uint64_t last, const std::string& created = "then", int history = 1, int replicas = 1,
            std::uint64_t first = 0) {
    jetstream::outcome<jetstream::stream_info> reply;
    reply.value.created = created;
    reply.value.status.first_revision = first;
    reply.value.status.last_revision = last;
    reply.value.status.config.history(history).replicas(replicas);
    consumer.on_stream_info(consumer.epochs(), reply, now);
  }
  void info_error(const error_code& code) {
    jetstream::outcome<jetstream::stream_info> reply;
    reply.code = code;
    reply.detail = "said the server";
    consumer.on_stream_info(consumer.epochs(), reply, now);
  }
  /// The leader's last message of a filter.
  void located(std::uint64_t last) { consumer.on_located(consumer.epochs(), {last, {}, {}}, now); }
  void created(std::uint64_t pending, std::size_t filters = 0, bool bound = true) {
    jetstream::outcome<jetstream::consumer_info> reply;
    reply.value.push_bound = bound;
    reply.value.num_pending = pending;
    reply.value.filter_subjects = filters;
    consumer.on_created(consumer.epochs(), reply, now);
  }
  void create_error(const error_code& code) {
    jetstream::outcome<jetstream::consumer_info> reply;
    reply.code = code;
    reply.detail = "said the server";
    consumer.on_created(consumer.epochs(), reply, now);
  }
  /// A delivery. Its key if it is an entry for the user.
  std::optional<std::string> message(const std::string& key, std::uint64_t seq, std::uint64_t cseq,
                                     std::uint64_t pending, const std::string& header = {}) {
    return event("$KV.b." + key,
                 "$JS.ACK.KV_b.c.1." + std::to_string(seq) + "." + std::to_string(cseq) + ".7." +
                     std::to_string(pending),
                 header);
  }
  std::optional<std::string> event(const std::string& subject, const std::string& reply,
                                   const std::string& header) {
    wire::event delivered;
    delivered.kind = wire::event_kind::msg;
    delivered.subject = subject;
    delivered.reply = reply;
    delivered.header = header;
    const auto* entry = consumer.on_message(delivered, now);
    if (entry == nullptr) return std::nullopt;
    return std::string(entry->key);
  }
  void heartbeat(std::uint64_t cseq, std::uint64_t sseq, const std::string& stalled = {}) {
    std::string header = "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: " + std::to_string(cseq) +
                         "\r\nNats-Last-Stream: " + std::to_string(sseq) + "\r\n";
    if (!stalled.empty()) header += "Nats-Consumer-Stalled: " + stalled + "\r\n";
    event("_INBOX.w.1", {}, header + "\r\n");
  }
  /// The server has accepted the consumer, and knows no subscription of its deliver subject.
  void created_unbound(std::uint64_t pending) { created(pending, 0, false); }
  /// Up to where entries come.
  void stand(std::uint64_t last, std::uint64_t pending) {
    info(last);
    created(pending);
    commands();
  }
  void wait(duration time) {
    now += time;
    consumer.on_time(now);
  }
  bool asked_for(std::string_view text) const { return request.find(text) != std::string::npos; }

  time_point now{1h};
  bool lists;
  ordered_consumer consumer;
  std::string request, filter;
};

}  // namespace kvco::core
