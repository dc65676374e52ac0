// Keys over HTTP: revisions are entity tags, conditional requests are compare and set.
#include <boost/json/serialize.hpp>

#include "conditions.hpp"
#include "events.hpp"
#include "handlers.hpp"
#include "text.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_value_in_conflict = 64 * 1024;

std::string filter_of(const request& from) {
  const std::string* filter = from.where.parameter("filter");
  return filter != nullptr && !filter->empty() ? *filter : ">";
}

response value_of(const kvco::entry& from) {
  response out;
  // As text or as bytes, whatever it contains: a browser that opens it neither renders nor runs it.
  out.content_type = is_utf8(from.value()) ? "text/plain; charset=utf-8" : "application/octet-stream";
  out.fields.emplace_back("ETag", tag_of(from.revision()));
  out.fields.emplace_back("Last-Modified", http_date(from.created()));
  out.fields.emplace_back("Cache-Control", "no-cache");
  out.body = from.value();
  return out;
}

response no_value(const std::optional<kvco::entry>& tombstone) {
  boost::json::object members;
  if (tombstone) {
    members["operation"] = name_of(tombstone->operation());
    members["revision"] = tombstone->revision();
  }
  return to_response({404, "no-value", "the key has no value"}, std::move(members));
}

response written(std::string_view key, kvco::revision revision, unsigned status) {
  boost::json::object data;
  data["key"] = key;
  data["revision"] = revision;
  response out;
  out.status = status;
  out.content_type = "application/json";
  out.fields.emplace_back("ETag", tag_of(revision));
  out.body = boost::json::serialize(data) + "\n";
  return out;
}

problem bad_condition(const condition_fields& from) {
  if (from.by_date())
    return {400, "unsupported-condition", "a key can change twice within a second: use If-Match, not a date"};
  return {400, "unsupported-condition", "use If-Match with one revision, as \"7\", or If-None-Match: *"};
}

/// The answer to a read whose conditions are not met; nothing: they are.
std::optional<response> unmet(const condition_fields& from, const kvco::entry& found) {
  const auto needed = from.if_match ? parse_tags(*from.if_match) : std::nullopt;
  const auto known = from.if_none_match ? parse_tags(*from.if_none_match) : std::nullopt;
  if (from.by_date() || (from.if_match && !needed) || (from.if_none_match && !known))
    return to_response(bad_condition(from));
  if (needed && !needed->has_strong(found.revision())) {
    boost::json::object members;
    members["current"] = json_of(found, max_value_in_conflict);
    return to_response({412, "wrong-last-revision", "the value has another revision"}, std::move(members));
  }
  if (!known || !known->has(found.revision())) return std::nullopt;
  response out = value_of(found);
  out.status = 304;
  out.body.clear();
  return out;
}

/// Lines of JSON, one for each entry, as the watch delivers them.
class entry_lines final : public body_source {
 public:
  explicit entry_lines(kvco::watcher from) : from_(std::move(from)) {}

  asio::awaitable<std::optional<std::string>> next() override {
    auto batch = co_await from_.next_batch(256);
    if (!batch) co_return std::nullopt;
    std::string text;
    for (const kvco::entry& each : *batch) text += boost::json::serialize(json_of(each, SIZE_MAX)) + "\n";
    co_return text;
  }
  void stop() override { from_.stop(); }

 private:
  kvco::watcher from_;
};

}  // namespace

asio::awaitable<response> handlers::get_key(request from) {
  const kvco::bucket bucket = co_await hub_.bucket(from.where.path[2]);
  const std::string& key = from.where.path[3];
  std::optional<kvco::entry> found;
  if (const std::string* rev = from.where.parameter("rev")) {
    const auto number = number_in(*rev);
    if (!number) co_return to_response({400, "invalid-argument", "rev is no number: " + *rev});
    found = co_await bucket.get_revision(key, *number);
    if (!found) co_return no_value(std::nullopt);
  } else {
    found = co_await bucket.get_entry(key);
  }
  if (!found || found->operation() != kvco::operation::put) co_return no_value(found);
  if (auto instead = unmet(from.conditions, *found)) co_return std::move(*instead);
  co_return value_of(*found);
}

asio::awaitable<response> handlers::put_key(request from) {
  using kind = enum write_condition::kind;
  const kvco::bucket bucket = co_await hub_.bucket(from.where.path[2]);
  const std::string& key = from.where.path[3];
  const write_condition condition = condition_of(from.conditions);
  problem conflicts{412, "wrong-last-revision", "no revision has such an entity tag"};
  try {
    switch (condition.kind) {
      case kind::none:
        co_return written(key, co_await bucket.put(key, from.body), 200);
      case kind::absent:
        co_return written(key, co_await bucket.create(key, from.body), 201);
      case kind::revision:
        co_return written(key, co_await bucket.update(key, from.body, condition.revision), 200);
      case kind::unsupported:
        co_return to_response(bad_condition(from.conditions));
      case kind::impossible:
        break;
    }
  } catch (const boost::system::system_error& error) {
    conflicts = problem_of(error.code(), kvco::error_detail());
    if (conflicts.status != 412) throw;
  }
  co_return co_await conflict(bucket, key, conflicts);
}

asio::awaitable<response> handlers::delete_key(request from) {
  using kind = enum write_condition::kind;
  const kvco::bucket bucket = co_await hub_.bucket(from.where.path[2]);
  const std::string& key = from.where.path[3];
  const write_condition condition = condition_of(from.conditions);
  if (condition.kind == kind::unsupported || condition.kind == kind::absent)
    co_return to_response(bad_condition(from.conditions));
  problem conflicts{412, "wrong-last-revision", "no revision has such an entity tag"};
  std::optional<kvco::revision> last;
  if (condition.kind == kind::revision) last = condition.revision;
  try {
    if (condition.kind != kind::impossible) {
      kvco::revision revision = 0;
      if (from.where.parameter("purge") != nullptr) {
        kvco::purge_options options;
        options.last_revision = last;
        revision = co_await bucket.purge(key, options);
      } else {
        kvco::erase_options options;
        options.last_revision = last;
        revision = co_await bucket.erase(key, options);
      }
      co_return written(key, revision, 200);
    }
  } catch (const boost::system::system_error& error) {
    conflicts = problem_of(error.code(), kvco::error_detail());
    if (conflicts.status != 412) throw;
  }
  co_return co_await conflict(bucket, key, conflicts);
}

/// A refused condition, with the entry that is there instead.
asio::awaitable<response> handlers::conflict(kvco::bucket in, std::string key, problem why) {
  kvco::get_options options;
  options.consistency = kvco::consistency::leader;
  boost::json::object members;
  if (const std::optional<kvco::entry> current = co_await in.get_entry(key, options))
    members["current"] = json_of(*current, max_value_in_conflict);
  co_return to_response(why, std::move(members));
}

asio::awaitable<response> handlers::get_history(request from) {
  const kvco::bucket bucket = co_await hub_.bucket(from.where.path[2]);
  response out;
  out.content_type = "application/x-ndjson";
  for (const kvco::entry& each : co_await bucket.history(from.where.path[3]))
    out.body += boost::json::serialize(json_of(each, SIZE_MAX)) + "\n";
  co_return out;
}

asio::awaitable<response> handlers::list_keys(request from) {
  const kvco::bucket bucket = co_await hub_.bucket(from.where.path[2]);
  kvco::watch_options options;
  options.ignore_deletes = options.initial_only = true;
  options.meta_only = from.where.parameter("values") == nullptr;
  kvco::watcher all = bucket.watch(filter_of(from), options);
  co_await all.ready();  // a refused filter is a problem, not a list that breaks off
  response out;
  out.content_type = "application/x-ndjson";
  out.source = std::make_unique<entry_lines>(std::move(all));
  co_return out;
}

asio::awaitable<response> handlers::watch(request from) {
  std::optional<event_id> after;
  const std::string* parameter = from.where.parameter("after");
  const std::string last =
      from.last_event_id.empty() && parameter != nullptr ? *parameter : from.last_event_id;
  if (!last.empty()) {
    after = parse_event_id(last);
    if (!after)
      co_return to_response(
          {400, "invalid-last-event-id", "Last-Event-ID is no id of an event of this gateway"});
  }
  const std::string filter = filter_of(from);
  if (!kvco::is_valid_filter(filter)) co_return to_response({400, "invalid-filter", "no filter: " + filter});
  const kvco::bucket bucket = co_await hub_.bucket(from.where.path[2]);
  const std::shared_ptr<feed> shared = hub_.feed_of(bucket, filter);
  if (!shared) co_return to_response({503, "too-many-filters", "too many different filters are watched"});
  response out;
  out.content_type = "text/event-stream";
  out.fields.emplace_back("Cache-Control", "no-store");
  out.source = std::make_unique<viewer>(shared, after);
  co_return out;
}

}  // namespace gateway
