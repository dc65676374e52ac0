// The streams and subjects by which a bucket is read and written, see the header.
#include <kvco/kv/mirror.hpp>

#include <algorithm>
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/source_json.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/api_call.hpp>
#include <kvco/net/pause.hpp>
#include <set>
#include <vector>

namespace kvco::kv {
namespace {

using detail::concat;

constexpr int max_mirrors = 16;  // maximum length of a chain of mirrors
constexpr auto max_wait_for_origin = std::chrono::seconds(2);
// The patience of who opens a mirror: a leaf node that has just connected knows the subjects of its hub a moment later, and an election
// takes a moment, too.
constexpr duration patience_at_first = std::chrono::seconds(2);

// A stream, and the prefix by which its API is reached from here.
struct place {
  std::string stream;
  std::string api;  // "": the session's
};

jetstream::api_subjects api_of(const session& session, const place& at) {
  return at.api.empty() ? session.api() : jetstream::api_subjects::with_prefix(at.api);
}

// The prefix of a domain is the same in all accounts; any other prefix is an import of the account that the mirror belongs to.
bool is_reached_from_here(const session& session, const place& mirror, std::string_view api) {
  if (mirror.api.empty() && session.api().write_prefix().empty()) return true;
  return api.starts_with("$JS.") && api.ends_with(".API.");
}

struct answer {
  jetstream::stream_info info;
  std::string why_none;  // empty: `info` is valid
  bool unanswered = false;
};

answer read_origin(const api_reply& reply) {
  if (reply.code) return {{}, concat(reply.code.message(), " ", reply.detail), true};
  auto info = jetstream::parse_stream_info(reply.payload);
  if (!info.ok()) {
    return {{}, concat(info.code.message(), " ", info.detail), jetstream::is_unavailable_for_now(info.code)};
  }
  if (!info.value.is_bucket()) return {{}, std::move(info.value.why_no_bucket)};
  return {std::move(info.value), {}};
}

asio::awaitable<answer> ask_origin(std::shared_ptr<session> session, place at, core::time_point until,
                                   duration patience, progress* done) {
  const core::time_point began = session->now();
  const core::time_point limit = std::min(until, began + max_wait_for_origin);
  const api_request request{api_of(*session, at).stream_info(at.stream), {}, {}};
  core::backoff backoff = pauses_between_attempts(*session);
  while (true) {
    const api_reply reply = co_await call(session, request, limit, effect::read, done);
    if (reply.code == asio::error::operation_aborted || reply.code == no_memory)
      throw failure(reply.code, reply.detail);
    const core::time_point next = session->now() + backoff.next();
    const bool no_server = reply.code ? reply.code == client_error::no_responders
                                      : jetstream::is_unavailable_for_now(reply.payload);
    if (!no_server || next >= std::min(limit, began + patience)) co_return read_origin(reply);
    co_await pause(session, next);
  }
}

// The copied streams that are in the same domain and account.
std::vector<std::string> local_origins(const bucket_config& config) {
  std::vector<std::string> streams;
  const auto add = [&](const bucket_source& origin) {
    if (!origin.name.empty() && jetstream::origin_api(origin).empty())
      streams.push_back(jetstream::origin_stream(origin));
  };
  add(config.mirror());
  for (const bucket_source& each : config.sources()) add(each);
  return streams;
}

// The prefix of the subjects of the stored messages; empty: unknown, e.g. if the mirror is empty.
asio::awaitable<std::string> stored_prefix(std::shared_ptr<session> session, jetstream::stream_info info,
                                           core::time_point until, progress* done) {
  const revision last = info.status.last_revision;
  if (last == 0) co_return std::string();
  const std::string stream = jetstream::stream_name(info.status.config.name());
  const api_request request{session->api().message_get(stream), {}, jetstream::by_sequence_request(last)};
  const api_reply reply = co_await call(session, request, until, effect::read, done);
  if (reply.code) co_return std::string();
  const auto found = jetstream::parse_written_message(reply.payload);
  if (!found.ok() || !found.value || !found.value->subject.starts_with("$KV.")) co_return std::string();
  const std::size_t end = found.value->subject.find('.', 4);
  co_return found.value->subject.substr(0, end == std::string::npos ? 0 : end + 1);
}

void lead_to(bucket_route& route, const session& session, const place& at,
             const jetstream::stream_info& info) {
  route.key_prefix = jetstream::key_prefix(info.status.config.name());
  const jetstream::api_subjects api = api_of(session, at);
  route.write_prefix = concat(api.write_prefix(), route.key_prefix);
  route.leader_get = api.message_get(at.stream);
  route.allow_msg_ttl = info.allow_msg_ttl;
  route.history = info.status.config.history();
  route.duplicate_window = info.duplicate_window;
}

}  // namespace

asio::awaitable<bucket_route> find_origin(std::shared_ptr<session> session, jetstream::stream_info info,
                                          core::time_point until, duration patience, progress* done) {
  bucket_route route;
  route.origin = info.origin;
  place at{jetstream::stream_name(info.status.config.name()), {}};
  for (int steps = 0; !info.origin.empty() && route.why_read_only.empty(); ++steps) {
    const bucket_source& origin = info.status.config.mirror();
    place next{jetstream::origin_stream(origin), jetstream::origin_api(origin)};
    if (steps == max_mirrors) {
      route.why_read_only = "its origins are mirrors of each other";
    } else if (!next.api.empty() && !is_reached_from_here(*session, at, next.api)) {
      route.why_read_only = concat("its origin ", info.origin, " is out of reach from here");
    } else {
      if (next.api.empty()) next.api = at.api;
      answer origin_reply = co_await ask_origin(session, next, until, patience, done);
      if (!origin_reply.why_none.empty()) {
        route.unanswered = origin_reply.unanswered;
        route.why_read_only =
            concat("its origin ", info.origin, " does not say what it is: ", origin_reply.why_none);
      } else {
        info = std::move(origin_reply.info);
        at = std::move(next);
      }
    }
  }
  lead_to(route, *session, at, info);
  if (!route.why_read_only.empty())
    route.key_prefix = jetstream::key_prefix(info.status.config.mirror().name);
  co_return route;
}

asio::awaitable<bucket_route> route_of(std::shared_ptr<session> session, jetstream::stream_info mirror,
                                       core::time_point until, progress* done) {
  bucket_route route = co_await find_origin(session, mirror, until, patience_at_first, done);
  if (route.why_read_only.empty()) co_return route;
  route.leader_get = session->api().message_get(jetstream::stream_name(mirror.status.config.name()));
  const std::string stored = co_await stored_prefix(session, mirror, until, done);
  if (!stored.empty()) route.key_prefix = stored;
  co_return route;
}

asio::awaitable<void> refuse_circle(std::shared_ptr<session> session, bucket_config config,
                                    core::time_point until, progress* done) {
  const std::string own = jetstream::stream_name(config.name());
  std::set<std::string> seen;
  std::vector<std::string> open = local_origins(config);
  while (!open.empty()) {
    const std::string stream = std::move(open.back());
    open.pop_back();
    if (stream == own) {
      refuse(
          {client_error::source_invalid, concat("bucket ", config.name(), " would copy itself in a circle")});
    }
    if (!seen.insert(stream).second) continue;
    place at{stream, {}};
    const answer origin_reply = co_await ask_origin(session, std::move(at), until, patience_at_first, done);
    if (!origin_reply.why_none.empty()) continue;
    for (std::string& next : local_origins(origin_reply.info.status.config)) open.push_back(std::move(next));
  }
}

}  // namespace kvco::kv
