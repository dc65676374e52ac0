// Buckets as a whole: requests about streams.
#include <kvco/kv/buckets.hpp>

#include <algorithm>
#include <kvco/account_info.hpp>
#include <kvco/jetstream/compare_config.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/source_json.hpp>
#include <kvco/kv/bucket_cache.hpp>
#include <kvco/kv/bucket_pages.hpp>
#include <kvco/kv/mirror.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// An old server silently ignores unknown settings: they are refused before anything is created. If other
// servers store the stream, only the echo shows it.
void check_server(const session& session, const bucket_config& config) {
  if (!session.is_version_of_jetstream()) return;
  const auto need = [&](bool asked, feature which, const char* setting) {
    const feature_requirement from = requirement_of(which);
    if (!asked || session.at_least(from.major, from.minor)) return;
    throw failure(client_error::unsupported_by_server,
                  detail::concat(setting, " needs server ", std::to_string(from.major), ".",
                                 std::to_string(from.minor), ", this is ", session.info().version));
  };
  need(config.compression(), feature::compression, "compression");
  need(!config.metadata().empty(), feature::metadata, "metadata");
  need(config.limit_marker_ttl().count() != 0, feature::key_ttl, "limit_marker_ttl");
  need(config.atomic(), feature::atomic, "atomic");
  const auto& sources = config.sources();
  const bool transformed = std::any_of(sources.begin(), sources.end(), [&](const bucket_source& each) {
    return jetstream::is_transformed(each, config.name());
  });
  need(transformed, feature::source_transforms, "a source with transforms of its subjects");
  need(!config.mirror().filter_subject.empty(), feature::source_transforms, "filter_subject of a mirror");
}

// take_value() with the name of the bucket in the text.
template <class T>
T take_named(session& session, std::string_view name, jetstream::outcome<T> reply) {
  if (!reply.ok()) reply.detail = detail::concat("bucket ", name, ": ", reply.detail);
  return take_value(session, name, std::move(reply));
}

// CREATE and UPDATE answer with the configuration as it is now. Another server of the cluster may be an old one.
jetstream::stream_info read_answer(session& session, const bucket_config& config, const api_reply& reply,
                                   bool all) {
  auto info = take_named(session, config.name(), jetstream::parse_stream_info(reply.payload));
  if (const std::string missing = jetstream::missing_in_echo(config, info, all); !missing.empty()) {
    throw failure(client_error::unsupported_by_server, detail::concat("the server ignored ", missing));
  }
  return info;
}

void check_settings(const session& session, const bucket_config& config) {
  refuse(jetstream::check_bucket_config(config));
  check_server(session, config);
}

asio::awaitable<jetstream::stream_info> send_config(std::shared_ptr<session> session, std::string subject,
                                                    std::string request, bucket_config config, bool all,
                                                    core::time_point until, progress* done) {
  api_request of{std::move(subject), {}, std::move(request)};
  const api_reply reply = co_await call_with_retry(session, std::move(of), until, effect::write, done);
  co_return read_answer(*session, config, reply, all);
}

asio::awaitable<jetstream::stream_info> send_create(std::shared_ptr<session> session, bucket_config config,
                                                    core::time_point until, progress* done) {
  std::string subject = session->api().stream_create(jetstream::stream_name(config.name()));
  std::string request = jetstream::stream_config_request(config);
  co_return co_await send_config(std::move(session), std::move(subject), std::move(request),
                                 std::move(config), true, until, done);
}

// The result of CREATE.
struct creation {
  jetstream::stream_info info;
  std::exception_ptr refused;   // it exists, with another configuration: the one in `info`
  std::exception_ptr not_seen;  // which cannot be requested
};

// The server has answered, though not with a bucket.
bool is_answer(const error_code& code) {
  return code.category() == jetstream_category() || code == client_error::not_a_bucket ||
         code == client_error::permission_denied;
}

// After a refusal: where only the discard policy was another one, that is repaired, and CREATE is sent again.
asio::awaitable<void> look_and_repair(std::shared_ptr<session> session, bucket_config config, creation* made,
                                      core::time_point until, progress* done) {
  try {
    made->info = co_await inspect(session, config.name(), until, done);
  } catch (const failure& why) {
    if (!is_answer(why.code())) throw;
    made->not_seen = std::current_exception();
    co_return;
  }
  std::string repair = jetstream::discard_repair_request(config, made->info);
  if (repair.empty()) co_return;
  std::string subject = session->api().stream_update(jetstream::stream_name(config.name()));
  co_await send_config(session, std::move(subject), std::move(repair), config, false, until, done);
  made->info = co_await send_create(session, std::move(config), until, done);
  made->refused = nullptr;
}

asio::awaitable<creation> try_to_create(std::shared_ptr<session> session, bucket_config config,
                                        core::time_point until, progress* done) {
  check_settings(*session, config);
  co_await refuse_circle(session, config, until, done);
  creation made;
  try {
    made.info = co_await send_create(session, config, until, done);
  } catch (const failure& why) {
    if (why.code() != errc::bucket_exists) throw;
    done->has_no_effects();
    made.refused = std::current_exception();
  }
  if (made.refused) co_await look_and_repair(session, std::move(config), &made, until, done);
  co_return made;
}

// @param info  as it is now
asio::awaitable<bucket_ptr> update(std::shared_ptr<session> session, jetstream::stream_info info,
                                   bucket_config config, core::time_point until, progress* done) {
  if (!config.set_settings().empty()) {
    std::string subject = session->api().stream_update(jetstream::stream_name(config.name()));
    std::string request = jetstream::stream_update_request(config, info.config_json);
    info = co_await send_config(session, std::move(subject), std::move(request), std::move(config), false,
                                until, done);
    bucket_cache::of(*session).renew(info.status.config);
  }
  co_return co_await make_bucket(session, std::move(info), until, done);
}

}  // namespace

asio::awaitable<jetstream::stream_info> create_stream(std::shared_ptr<session> session, bucket_config config,
                                                      core::time_point until, progress* done) {
  creation made = co_await try_to_create(std::move(session), std::move(config), until, done);
  if (made.refused) std::rethrow_exception(made.refused);
  co_return std::move(made.info);
}

asio::awaitable<jetstream::stream_info> inspect(std::shared_ptr<session> session, std::string name,
                                                core::time_point until, progress* done) {
  refuse(jetstream::check_bucket_name(name));
  auto info = co_await inspect_bucket(session, std::move(name), until, done);
  co_return info;
}

asio::awaitable<bucket_ptr> make_bucket(std::shared_ptr<session> session, jetstream::stream_info info,
                                        core::time_point until, progress* done) {
  bucket_route route = co_await route_of(session, info, until, done);
  const std::string name = info.status.config.name();
  co_return std::make_shared<const bucket_state>(session, name, info, std::move(route));
}

asio::awaitable<bucket_ptr> create_bucket(std::shared_ptr<session> session, bucket_config config,
                                          duration timeout, progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  auto info = co_await create_stream(session, std::move(config), until, done);
  co_return co_await make_bucket(session, std::move(info), until, done);
}

asio::awaitable<bucket_ptr> open_bucket(std::shared_ptr<session> session, std::string name, duration timeout,
                                        progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  auto info = co_await inspect(session, std::move(name), until, done);
  co_return co_await make_bucket(session, std::move(info), until, done);
}

asio::awaitable<bucket_ptr> update_bucket(std::shared_ptr<session> session, bucket_config config,
                                          duration timeout, progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  check_settings(*session, config);
  co_await refuse_circle(session, config, until, done);
  auto info = co_await inspect(session, config.name(), until, done);
  co_return co_await update(session, std::move(info), std::move(config), until, done);
}

asio::awaitable<bucket_ptr> ensure_bucket(std::shared_ptr<session> session, bucket_config config,
                                          ensure_options options, progress* done) {
  const core::time_point until = deadline_of(*session, options.timeout);
  creation made = co_await try_to_create(session, config, until, done);
  if (made.refused && options.on_conflict == on_conflict::fail) std::rethrow_exception(made.refused);
  if (made.not_seen) std::rethrow_exception(made.not_seen);
  if (made.refused && options.on_conflict == on_conflict::update) {
    co_return co_await update(session, std::move(made.info), std::move(config), until, done);
  }
  co_return co_await make_bucket(session, std::move(made.info), until, done);
}

asio::awaitable<void> delete_bucket(std::shared_ptr<session> session, std::string name, duration timeout,
                                    progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  const bucket_cache::forget_at_end guard(*session, name);  // however it ends: it may have been deleted
  co_await inspect(session, name, until, done);
  api_request request{session->api().stream_delete(jetstream::stream_name(name)), {}, {}};
  const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::write, done);
  take_named(*session, name, jetstream::parse_success(reply.payload));
}

// Up to the last revision: one that is stored meanwhile stays.
asio::awaitable<std::uint64_t> purge_bucket(std::shared_ptr<session> session, std::string name,
                                            duration timeout, progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  const auto info = co_await inspect(session, name, until, done);
  if (!info.origin.empty()) {
    refuse({client_error::read_only, detail::concat("bucket ", name, " is a mirror: purge its origin")});
  }
  if (info.status.last_revision == 0) co_return 0;
  api_request request{session->api().stream_purge(jetstream::stream_name(name)),
                      {},
                      jetstream::purge_all_request(info.status.last_revision + 1)};
  const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::write, done);
  co_return take_named(*session, name, jetstream::parse_purged(reply.payload));
}

// Sorted, each once: a bucket that is made meanwhile shifts the pages.
asio::awaitable<std::vector<std::string>> list_buckets(std::shared_ptr<session> session, duration timeout,
                                                       progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  bucket_pages pages(std::move(session), bucket_pages::content::names, {});
  std::vector<std::string> names;
  while (std::optional<bucket_status> next = co_await pages.next(until, done)) {
    names.push_back(next->config.name());
  }
  std::sort(names.begin(), names.end());
  co_return names;
}

}  // namespace kvco::kv
