// The floor of watches: the consumers that a watch requests, on a raw socket that only counts their
// deliveries.
#include <bench/floor.hpp>
#include <bench/meter.hpp>

#include <charconv>
#include <stdexcept>
#include <vector>

namespace kvco::bench::floor_client {
namespace {

using frame = raw_client::frame;

struct consumer {
  std::string name, deliver, sid, create;  // create: SUB and the request, answered at A.<name>
};

consumer make_consumer(std::string_view filter_key, std::string_view policy, bool headers_only = false) {
  static std::size_t made = 0;
  const std::string stream = "KV_" + std::string(bucket_name);
  const std::string filter = "$KV." + std::string(bucket_name) + '.' + std::string(filter_key);
  const std::string sid = std::to_string(10 + ++made);
  consumer c{"floor" + sid, "W.floor" + sid, sid, {}};
  std::string body =
      R"({"stream_name":")" + stream + R"(","config":{"name":")" + c.name + R"(","deliver_subject":")" +
      c.deliver + R"(","deliver_policy":")" + std::string(policy) +
      R"(","ack_policy":"none","replay_policy":"instant","flow_control":true,"idle_heartbeat":5000000000,)" +
      R"("max_deliver":1,"mem_storage":true,"num_replicas":1,"filter_subject":")" + filter + '"' +
      (headers_only ? R"(,"headers_only":true})" : "}") + '}';
  c.create = "SUB " + c.deliver + ' ' + sid + "\r\nPUB $JS.API.CONSUMER.CREATE." + stream + '.' + c.name +
             '.' + filter + " A." + c.name + ' ' + std::to_string(body.size()) + "\r\n" + body + "\r\n";
  return c;
}

void remove(raw_client& raw, const consumer& c) {
  raw.send("UNSUB " + c.sid + "\r\n");
  raw.request("$JS.API.CONSUMER.DELETE.KV_" + std::string(bucket_name) + '.' + c.name, {});
}

enum class kind { entry, created, ack, other };

// Flow control is answered at once.
kind sort_out(raw_client& raw, const frame& found) {
  if (found.line.starts_with("MSG A.")) {
    if (found.payload.find("\"error\":") != std::string_view::npos) {
      throw std::runtime_error(std::string(found.payload));
    }
    return kind::created;
  }
  if (found.line.starts_with("MSG R.")) {
    raw_client::check(raw_client::reply::pub_ack, found);
    return kind::ack;
  }
  if (!found.header.starts_with("NATS/1.0 ")) {
    return found.line.find(" $KV.") <= 4 ? kind::entry : kind::other;
  }
  if (found.header.find("FlowControl") != std::string_view::npos) {
    std::string_view line = found.line;  // HMSG <subject> <sid> <reply> <header size> <size>
    for (int word = 0; word < 2; ++word) line = line.substr(0, line.rfind(' '));
    raw.send("PUB " + std::string(line.substr(line.rfind(' ') + 1)) + " 0\r\n\r\n");
  }
  return kind::other;
}

void wait_for(raw_client& raw, kind what) {
  while (sort_out(raw, raw.wait()) != what) {
  }
}

outcome snapshot(raw_client& raw, const task& what, bool headers_only) {
  meter spent(what.keys);
  const consumer all = make_consumer(">", "last_per_subject", headers_only);
  raw.send(all.create);
  for (std::size_t got = 0; got < what.keys;) {
    if (sort_out(raw, raw.wait()) != kind::entry) continue;
    ++got;
    spent.done();
  }
  const outcome result = spent.finish();
  remove(raw, all);
  return result;
}

}  // namespace

outcome watch(raw_client& raw, const task& what) { return snapshot(raw, what, false); }
outcome keys(raw_client& raw, const task& what) { return snapshot(raw, what, true); }

// Puts, and consumers that get each of them: the number of the put is its value, and names its key (a revision that is
// replaced before its turn would not be delivered).
outcome live(raw_client& raw, const task& what) {
  std::vector<consumer> consumers;
  for (std::size_t i = 0; i < what.flight; ++i) {
    consumers.push_back(make_consumer(">", "new"));
    raw.send(consumers.back().create);
    wait_for(raw, kind::created);
  }
  histogram latency;
  std::size_t sent = 0, acked = 0, delivered = 0;
  const std::size_t puts = what.operations / what.flight;
  std::string out;
  meter spent(puts * what.flight);
  const schedule plan(what.rate > 0 ? what.rate : 1);
  const auto may_send = [&] {
    return sent < puts && (what.rate > 0 ? plan.due(sent) <= clock::now() : sent - acked < live_window);
  };
  while (delivered < puts * what.flight || acked < puts) {
    out.clear();
    for (; may_send(); ++sent) {
      out += encode_put(bucket_name, key_name(sent), std::to_string(sent), raw.reply_subject());
    }
    raw.send(out);
    if (!raw.fill(what.rate > 0 && sent < puts ? plan.due(sent) : clock::now() + std::chrono::seconds(30))) {
      if (sent == puts || what.rate == 0) throw std::runtime_error("the server is silent");
      continue;
    }
    const auto now = clock::now();
    for (frame found; raw.next(found);) {
      const kind k = sort_out(raw, found);
      if (k == kind::ack) ++acked;
      if (k != kind::entry) continue;
      ++delivered;
      spent.done();
      std::size_t number = 0;
      std::from_chars(found.payload.data(), found.payload.data() + found.payload.size(), number);
      if (what.rate > 0) latency.add(plan.late(number, now));
    }
  }
  outcome result = spent.finish();
  result.latency = latency;
  for (const consumer& c : consumers) remove(raw, c);
  return result;
}

// A consumer for each key, as many requests at a time as a watch has steps to wait for.
outcome watchers(raw_client& raw, const task& what) {
  std::vector<consumer> consumers;
  for (std::size_t i = 0; i < what.operations; ++i)
    consumers.push_back(make_consumer(key_name(i), "last_per_subject"));
  std::size_t sent = 0, created = 0, entries = 0;
  std::string out;
  meter spent(what.operations);
  while (created < what.operations || entries < what.operations) {
    out.clear();
    for (; sent < what.operations && sent - created < watchers_window; ++sent) out += consumers[sent].create;
    raw.send(out);
    const kind k = sort_out(raw, raw.wait());
    if (k == kind::created) ++created;
    if (k != kind::entry) continue;
    ++entries;
    spent.done();
  }
  const outcome result = spent.finish();
  for (const consumer& c : consumers) remove(raw, c);
  return result;
}

// A connection, a consumer on it, one entry.
outcome reconnect(raw_client&, const task& what) {
  histogram latency;
  meter spent(what.operations);
  for (std::size_t i = 0; i < what.operations; ++i) {
    const auto cut = clock::now();
    raw_client again(server_url());
    const consumer one = make_consumer(key_name(0), "last_per_subject");
    again.send(one.create);
    wait_for(again, kind::entry);
    latency.add(std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - cut).count());
    spent.done();
    remove(again, one);
  }
  outcome result = spent.finish();
  result.latency = latency;
  return result;
}

}  // namespace kvco::bench::floor_client
