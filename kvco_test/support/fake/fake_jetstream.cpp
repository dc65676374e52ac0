// The fake server: the JetStream API, and delivery to consumers.
#include <absl/strings/escaping.h>
#include <kvco_test/support/fake/fake_server.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

namespace kvco::test {
namespace {

namespace json = boost::json;

constexpr std::int64_t epoch_ns = 1'700'000'000'000'000'000;

bool take(std::string_view& rest, std::string_view start) {
  if (!rest.starts_with(start)) return false;
  rest.remove_prefix(start.size());
  return true;
}

std::string bucket_config_json(const std::string& name, int history) {
  return R"({"name":"KV_)" + name + R"(","subjects":["$KV.)" + name + R"(.>"],"max_msgs_per_subject":)" +
         std::to_string(history) + R"(,"allow_direct":true})";
}

// Without the empty line at its end.
std::string direct_header(const fake_stream& stream, const stored& found) {
  std::string header =
      found.header.empty() ? "NATS/1.0\r\n" : found.header.substr(0, found.header.size() - 2);
  return header + "Nats-Stream: " + stream.name() + "\r\nNats-Subject: " + found.key +
         "\r\nNats-Sequence: " + std::to_string(found.seq) + "\r\nNats-Time-Stamp: 2026-01-02T03:04:05Z\r\n";
}

// What the request leaves to the server is no difference.
bool is_same_config(const std::string& known, const std::string& asked) {
  json::object is = json::parse(known).as_object();
  const json::object wanted = json::parse(asked).as_object();
  if (!wanted.contains("duplicate_window")) is.erase("duplicate_window");
  return is == wanted;
}

bool wants(const fake_consumer& consumer, const std::string& subject) {
  return consumer.filters.empty() ||
         std::any_of(consumer.filters.begin(), consumer.filters.end(),
                     [&](const std::string& filter) { return subject_matches(filter, subject); });
}

}  // namespace

fake_stream& fake_server::create_bucket(const std::string& name, int history) {
  const std::string created = "2026-01-01T00:00:0" + std::to_string(streams_made_++ % 10) + "Z";
  streams.erase("KV_" + name);
  return streams.emplace("KV_" + name, fake_stream("KV_" + name, bucket_config_json(name, history), created))
      .first->second;
}

void fake_server::on_api(std::string_view call, const client_frame& frame) {
  if (call == "INFO") return answer(frame, account_json);
  if (take(call, "STREAM.LIST")) return list_streams(frame);
  if (take(call, "STREAM.CREATE.")) return create_stream(std::string(call), frame, false);
  if (take(call, "STREAM.UPDATE.")) return create_stream(std::string(call), frame, true);

  const bool info = take(call, "STREAM.INFO."), drop = take(call, "STREAM.DELETE.");
  const bool purge = take(call, "STREAM.PURGE.");
  const bool get = take(call, "STREAM.MSG.GET."), direct = take(call, "DIRECT.GET.");
  const bool consume = take(call, "CONSUMER.CREATE."), leave = take(call, "CONSUMER.DELETE.");
  const std::string name(call.substr(0, call.find('.')));
  call.remove_prefix(std::min(call.size(), name.size() + 1));
  fake_stream* stream = find(name);
  if (stream == nullptr)
    return direct ? no_responders(frame) : answer_error(frame, 404, 10059, "stream not found");
  if ((get || direct) && leaderless.contains(name)) return no_responders(frame);
  if (info) {
    return answer(frame, frame.payload.empty() ? stream->info_json() : with_subjects(*stream, frame.payload));
  }
  if (purge) {
    const json::value asked = json::parse(frame.payload);
    const json::value* filter = asked.as_object().if_contains("filter");
    const std::size_t gone = stream->purge(filter ? std::string_view(filter->as_string()) : ">",
                                           asked.at("seq").to_number<std::uint64_t>());
    return answer(frame, R"({"success":true,"purged":)" + std::to_string(gone) + "}");
  }
  if (get) return get_message(*stream, frame);
  if (direct && !stream->allows_direct()) {
    if (!version.starts_with("2.9.")) no_responders(frame);  // that one says nothing
    return;
  }
  if (direct) return get_direct(replica_of(name), call, frame);
  if (consume) return create_consumer(*stream, frame);
  if (leave) {
    stream->consumers.erase(std::string(call));
    return answer(frame, R"({"success":true})");
  }
  if (!drop) return no_responders(frame);
  streams.erase(name);
  answer(frame, R"({"success":true})");
}

void fake_server::create_stream(const std::string& name, const client_frame& frame, bool update) {
  fake_stream* known = find(name);
  if (update && known == nullptr) return answer_error(frame, 404, 10059, "stream not found");
  if (!update && known != nullptr && !is_same_config(known->config(), frame.payload)) {
    return answer_error(frame, 400, 10058, "stream name already in use with a different configuration");
  }
  if (known == nullptr) {
    const std::string created = "2026-01-01T00:00:0" + std::to_string(streams_made_++ % 10) + "Z";
    known = &streams.emplace(name, fake_stream(name, frame.payload, created)).first->second;
  } else if (update) {
    known->set_config(frame.payload);
  }
  answer(frame, known->info_json());
}

// A page of the sorted names that match, and their number, as servers add them to STREAM.INFO.
std::string fake_server::with_subjects(const fake_stream& stream, std::string_view asked) const {
  const json::value request = json::parse(asked);
  const std::string_view filter = request.at("subjects_filter").as_string();
  const auto offset = request.at("offset").to_number<std::size_t>();
  std::map<std::string, std::uint64_t> counts;
  for (const stored& m : stream.messages()) {
    if (subject_matches(filter, m.key)) ++counts[m.key];
  }
  json::object info = json::parse(stream.info_json()).as_object();
  if (counts.empty()) return json::serialize(info);
  info["total"] = counts.size();
  json::object page;
  std::size_t at = 0;
  for (const auto& [subject, count] : counts) {
    if (at >= offset && at - offset < subjects_per_page) page[subject] = count;
    ++at;
  }
  if (!page.empty()) info["state"].as_object()["subjects"] = std::move(page);
  return json::serialize(info);
}

void fake_server::list_streams(const client_frame& frame) {
  const auto offset = json::parse(frame.payload).at("offset").to_number<std::size_t>();
  std::string all;
  std::size_t at = 0;
  for (const auto& [name, stream] : streams) {
    if (at >= offset && at < offset + streams_per_page) all += (all.empty() ? "" : ",") + stream.info_json();
    ++at;
  }
  answer(frame, R"({"total":)" + std::to_string(streams.size()) + R"(,"offset":)" + std::to_string(offset) +
                    R"(,"limit":)" + std::to_string(streams_per_page) + R"(,"streams":[)" + all + "]}");
}

void fake_server::get_message(fake_stream& stream, const client_frame& frame) {
  const json::value asked = json::parse(frame.payload);
  const json::object& fields = asked.as_object();
  const auto text = [&](const char* name) { return std::string_view(fields.at(name).as_string()); };
  const std::uint64_t from = fields.contains("seq") ? fields.at("seq").to_number<std::uint64_t>() : 0;
  const stored* found = fields.contains("next_by_subj") ? stream.next_of(text("next_by_subj"), from)
                        : fields.contains("seq")        ? stream.at(from)
                                                        : stream.last_of(text("last_by_subj"));
  if (found == nullptr) return answer_error(frame, 404, 10037, "no message found");
  const std::string header =
      found->header.empty() ? "" : R"(,"hdrs":")" + absl::Base64Escape(found->header) + '"';
  answer(frame, R"({"message":{"subject":")" + found->key + R"(","seq":)" + std::to_string(found->seq) +
                    header + R"(,"data":")" + absl::Base64Escape(found->payload) +
                    R"(","time":"2026-01-02T03:04:05Z"}})");
}

const fake_stream& fake_server::replica_of(const std::string& name) const {
  const auto late = lagging.find(name);
  return late == lagging.end() ? streams.at(name) : late->second;
}

void fake_server::get_direct(const fake_stream& stream, std::string_view subject, const client_frame& frame) {
  const stored* found = nullptr;
  if (!subject.empty()) {
    found = stream.last_of(subject);
  } else {
    const json::value asked = json::parse(frame.payload);
    if (asked.as_object().contains("multi_last")) {
      for (const series_reply& each : answer_multi_get(frame)) answer(frame, each.payload, each.header);
      return;
    }
    found = stream.at(asked.at("seq").to_number<std::uint64_t>());
  }
  if (found == nullptr) return answer(frame, {}, "NATS/1.0 404 Message Not Found\r\n\r\n");
  answer(frame, found->payload, direct_header(stream, *found) + "\r\n");
}

// As 2.15.1 does it; see facts/wire.md 3.7.
std::vector<fake_server::series_reply> fake_server::answer_multi_get(const client_frame& frame) {
  if (version < "2.11" || version[3] == '.') return {{"NATS/1.0 408 Empty Request\r\n\r\n", {}}};
  const json::value asked = json::parse(frame.payload);
  const fake_stream& stream = replica_of(frame.subject.substr(frame.subject.rfind('.') + 1));
  const json::value* max_bytes = asked.as_object().if_contains("max_bytes");
  const std::size_t most_bytes = max_bytes ? max_bytes->to_number<std::size_t>() : 64u << 20;
  std::map<std::uint64_t, const stored*> found;
  for (const json::value& subject : asked.at("multi_last").as_array()) {
    if (const stored* last = stream.last_of(std::string_view(subject.as_string()))) found[last->seq] = last;
  }
  if (found.size() > most_at_once) return {{"NATS/1.0 413 Too Many Results\r\n\r\n", {}}};
  if (found.empty()) return {{"NATS/1.0 404 No Results\r\n\r\n", {}}};
  std::vector<series_reply> all;
  std::uint64_t pending = found.size(), previous = 0;
  std::size_t bytes = 0;
  const auto numbers = [&] {
    return "Nats-Num-Pending: " + std::to_string(pending) +
           "\r\nNats-Last-Sequence: " + std::to_string(previous) + "\r\n";
  };
  for (const auto& [sequence, message] : found) {
    --pending;
    all.push_back({direct_header(stream, *message) + numbers() + "\r\n", message->payload});
    previous = sequence;
    bytes += all.back().header.size() + all.back().payload.size();
    if (bytes >= most_bytes) break;
  }
  all.push_back({"NATS/1.0 204 EOB\r\n" + numbers() +
                     "Nats-UpTo-Sequence: " + std::to_string(stream.last_sequence()) + "\r\n\r\n",
                 {}});
  return all;
}

void fake_server::create_consumer(fake_stream& stream, const client_frame& frame) {
  const json::value asked = json::parse(frame.payload);
  const json::object& config = asked.at("config").as_object();
  const auto text = [&](const char* name) {
    const json::value* found = config.if_contains(name);
    return found ? std::string(std::string_view(found->as_string())) : std::string();
  };
  fake_consumer made;
  made.name = text("name");
  made.deliver_subject = text("deliver_subject");
  if (const std::string one = text("filter_subject"); !one.empty()) made.filters.push_back(one);
  if (const json::value* several = config.if_contains("filter_subjects")) {
    for (const json::value& filter : several->as_array()) made.filters.emplace_back(filter.as_string());
  }
  made.headers_only = config.contains("headers_only");
  made.heartbeat_ns = config.at("idle_heartbeat").as_int64();
  const json::value* start = config.if_contains("opt_start_seq");
  if (stream.consumers.contains(made.name)) return answer_error(frame, 400, 10148, "consumer already exists");
  fill(stream, made, text("deliver_policy"), start ? start->to_number<std::uint64_t>() : 1);
  made.last_sent_ns = now_ns_;
  const std::string pending = std::to_string(made.queued.size());
  fake_consumer& kept = stream.consumers[made.name] = made;
  answer(frame, R"({"stream_name":")" + stream.name() + R"(","name":")" + made.name +
                    R"(","delivered":{"consumer_seq":0,"stream_seq":)" + std::to_string(made.next - 1) +
                    R"(},"num_pending":)" + pending + R"(,"push_bound":)" +
                    (is_heard(made.deliver_subject) ? "true" : "false") + R"(,"config":)" +
                    json::serialize(config) + "}");
  serve(stream, kept);
}

void fake_server::fill(const fake_stream& stream, fake_consumer& consumer, const std::string& policy,
                       std::uint64_t start) {
  if (policy == "by_start_sequence") consumer.next = start;
  if (policy == "new") consumer.next = stream.last_sequence() + 1;
  for (const stored& m : stream.messages()) {
    if (m.seq < consumer.next || !wants(consumer, m.key)) continue;
    if (policy == "last_per_subject" && stream.last_of(m.key) != &m) continue;
    consumer.queued.push_back(m.seq);
  }
}

void fake_server::notify(fake_stream& stream, std::uint64_t sequence) {
  const stored* added = stream.at(sequence);
  for (auto& [name, consumer] : stream.consumers) {
    if (added == nullptr || !wants(consumer, added->key)) continue;
    consumer.queued.push_back(sequence);
    serve(stream, consumer);
  }
}

void fake_server::serve(fake_stream& stream, fake_consumer& consumer) {
  while (answers && !consumer.queued.empty() && is_heard(consumer.deliver_subject)) {
    const stored* next = stream.at(consumer.queued.front());
    consumer.queued.pop_front();
    if (next == nullptr) continue;  // history did not keep it
    consumer.last_stream_sequence = next->seq;
    const std::string ack = "$JS.ACK." + stream.name() + '.' + consumer.name + ".1." +
                            std::to_string(next->seq) + '.' + std::to_string(++consumer.delivered) + '.' +
                            std::to_string(epoch_ns) + '.' + std::to_string(consumer.queued.size());
    std::string header = next->header;
    if (consumer.headers_only) {
      if (header.empty()) header = "NATS/1.0\r\n\r\n";
      header.insert(header.size() - 2, "Nats-Msg-Size: " + std::to_string(next->payload.size()) + "\r\n");
    }
    // The subject of the message is the key's; it goes to whoever subscribed to the deliver subject.
    for (server_connection* conn : std::vector(connections_)) {
      for (const auto& [sid, pattern] : conn->subscriptions) {
        if (pattern != consumer.deliver_subject) continue;
        const std::string& payload = consumer.headers_only ? std::string() : next->payload;
        std::string sizes = std::to_string(header.size() + payload.size());
        if (!header.empty()) sizes = std::to_string(header.size()) + ' ' + sizes;
        say(*conn, (header.empty() ? "MSG " : "HMSG ") + next->key + ' ' + std::to_string(sid) + ' ' + ack +
                       ' ' + sizes + "\r\n" + header + payload + "\r\n");
      }
    }
    consumer.last_sent_ns = now_ns_;
  }
}

void fake_server::on_time(std::int64_t now_ns) {
  now_ns_ = now_ns;
  for (auto& [name, stream] : streams) {
    for (auto& [id, consumer] : stream.consumers) {
      if (now_ns < consumer.last_sent_ns + consumer.heartbeat_ns) continue;
      consumer.last_sent_ns = now_ns;
      if (!answers || !is_heard(consumer.deliver_subject)) continue;
      ++consumer.heartbeats;
      deliver(consumer.deliver_subject, {},
              "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: " + std::to_string(consumer.delivered) +
                  "\r\nNats-Last-Stream: " + std::to_string(consumer.last_stream_sequence) + "\r\n\r\n",
              {});
    }
  }
}

std::optional<std::int64_t> fake_server::next_due_ns() const {
  std::optional<std::int64_t> due;
  for (const auto& [name, stream] : streams) {
    for (const auto& [id, consumer] : stream.consumers) {
      const std::int64_t at = consumer.last_sent_ns + consumer.heartbeat_ns;
      if (!due || at < *due) due = at;
    }
  }
  return due;
}

}  // namespace kvco::test
