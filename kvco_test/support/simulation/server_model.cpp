// The part of a JetStream server that a watch talks to.
#include <kvco_test/support/simulation/server_model.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <kvco/jetstream/keys.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;
using jetstream::deliver_policy;

error_code server_error(int code) { return {code, jetstream_category()}; }

std::string text_of(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found == nullptr ? std::string() : std::string(std::string_view(found->as_string()));
}

std::uint64_t number_of(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found == nullptr ? 0 : found->to_number<std::uint64_t>();
}

deliver_policy policy_of(const std::string& name) {
  if (name == "all") return deliver_policy::all;
  if (name == "new") return deliver_policy::updates_only;
  if (name == "by_start_sequence") return deliver_policy::by_start_sequence;
  return deliver_policy::last_per_subject;
}

consumer_shape shape_of(const json::object& request) {
  const json::object& config = request.at("config").as_object();
  consumer_shape shape;
  shape.stream = text_of(request, "stream_name");
  shape.name = text_of(config, "name");
  shape.deliver_subject = text_of(config, "deliver_subject");
  shape.deliver = policy_of(text_of(config, "deliver_policy"));
  shape.start = number_of(config, "opt_start_seq");
  shape.heartbeat = core::duration(number_of(config, "idle_heartbeat"));
  shape.headers_only = config.contains("headers_only");
  if (config.contains("filter_subject")) shape.filters.push_back(text_of(config, "filter_subject"));
  return shape;
}

int refusal_of(const consumer_shape& shape, std::string_view filter) {
  if (!filter.empty() && (shape.filters.size() != 1 || shape.filters.front() != filter)) return 10131;
  if (shape.deliver == deliver_policy::last_per_subject && shape.filters.empty()) return 10094;
  if (shape.deliver == deliver_policy::by_start_sequence && shape.start == 0) return 10094;
  for (const std::string& a : shape.filters) {
    for (const std::string& b : shape.filters) {
      if (&a != &b && jetstream::overlaps(a, b)) return 10138;
    }
  }
  return 0;
}

}  // namespace

jetstream::outcome<jetstream::stream_info> server_model::stream_info() const {
  jetstream::outcome<jetstream::stream_info> reply;
  if (!exists_) {
    reply.code = server_error(10059);
    reply.detail = "stream not found";
    return reply;
  }
  reply.value.created = stream_.created();
  reply.value.status.last_revision = stream_.last();
  reply.value.status.config.history(static_cast<int>(stream_.history()));
  return reply;
}

jetstream::outcome<jetstream::consumer_info> server_model::create(const std::string& name,
                                                                  std::string_view filter,
                                                                  std::string_view request,
                                                                  core::time_point now) {
  jetstream::outcome<jetstream::consumer_info> reply;
  const json::value parsed = json::parse(request);
  consumer_shape shape = shape_of(parsed.as_object());
  const json::object& config = parsed.at("config").as_object();
  if (config.contains("filter_subjects") && kind_ != generation::v2_9) {  // before 2.10: dropped in silence
    for (const json::value& item : config.at("filter_subjects").as_array()) {
      shape.filters.emplace_back(std::string_view(item.as_string()));
    }
    reply.value.filter_subjects = shape.filters.size();
  }
  shape.key_prefix = "$KV." + shape.stream.substr(3) + ".";
  shape.window = window_;
  const bool taken = std::any_of(consumers_.begin(), consumers_.end(),
                                 [&](const live_consumer& c) { return c.model.shape().name == name; });
  int refused = refusal_of(shape, filter);
  if (!exists_) refused = 10059;
  if (taken || shape.name != name) refused = 10148;
  if (refused != 0) {
    reply.code = server_error(refused);
    return reply;
  }
  if (shape.deliver == deliver_policy::last_per_subject) {
    for (written& old : stream_.log()) {
      const auto key = stream_.keys().find(old.key);
      if (key == stream_.keys().end() || key->second.back() != old.seq) old.was_not_last = true;
    }
  }
  ++created_;
  const bool listened = shape.deliver_subject == interest_;
  live_consumer& born = consumers_.emplace_back(kind_, std::move(shape), stream_, now);
  if (!listened) {
    born.model.set_active(false);
    born.idle_until = now + inactive_threshold;
  }
  reply.value.name = name;
  reply.value.num_pending = born.model.initial_pending();
  reply.value.push_bound = listened;
  reply.value.delivered_stream_sequence = born.model.start_position();
  return reply;
}

jetstream::outcome<std::uint64_t> server_model::last_of(std::string_view filter) const {
  if (!exists_) return {0, server_error(10059), "stream not found"};
  for (std::uint64_t seq = stream_.last(); seq > 0; --seq) {
    if (stream_.has(seq) && jetstream::matches(filter, "$KV.b." + stream_.at(seq).key)) return {seq, {}, {}};
  }
  return {0, {}, {}};
}

bool server_model::remove(std::string_view name) {
  return consumers_.remove_if([&](const live_consumer& c) { return c.model.shape().name == name; }) > 0;
}

void server_model::answer(std::string_view flow_subject) {
  for (live_consumer& c : consumers_) c.model.answer(flow_subject);
}

void server_model::delete_stream() {
  consumers_.clear();
  exists_ = false;
}

void server_model::recreate_stream() {
  consumers_.clear();
  stream_.recreate();
  exists_ = true;
}

void server_model::set_interest(std::string subject, core::time_point now) {
  interest_ = std::move(subject);
  for (live_consumer& c : consumers_) {
    const bool listened = c.model.shape().deliver_subject == interest_;
    if (listened == c.model.active()) continue;
    c.model.set_active(listened);
    c.idle_until.reset();
    if (!listened) c.idle_until = now + inactive_threshold;
  }
}

bool server_model::can_step() const {
  return std::any_of(consumers_.begin(), consumers_.end(),
                     [](const live_consumer& c) { return c.model.can_step(); });
}

bool server_model::step(core::time_point now, std::vector<delivery>& out) {
  bool stepped = false;
  for (live_consumer& c : consumers_) {
    if (!c.model.can_step()) continue;
    c.model.step(now, out);
    stepped = true;
  }
  return stepped;
}

bool server_model::hear() {
  bool heard = false;
  for (live_consumer& c : consumers_) heard |= c.model.hear();
  return heard;
}

void server_model::on_time(core::time_point now, std::vector<delivery>& out) {
  consumers_.remove_if([&](const live_consumer& c) { return c.idle_until && now >= *c.idle_until; });
  for (live_consumer& c : consumers_) c.model.on_time(now, out);
}

std::optional<core::time_point> server_model::next_time() const {
  std::optional<core::time_point> at;
  for (const live_consumer& c : consumers_) {
    if (c.model.can_step() || c.model.can_hear()) continue;  // acts before time passes
    if (!at || c.model.next_heartbeat() < *at) at = c.model.next_heartbeat();
  }
  return at;
}

consumer_model* server_model::current() {
  for (live_consumer& c : consumers_) {
    if (c.model.active()) return &c.model;
  }
  return nullptr;
}

}  // namespace kvco::test
