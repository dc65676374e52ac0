// Buckets as a whole: requests about streams.
#include <kvco/kv/buckets.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/source_json.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// An old server silently ignores unknown settings: they are refused before anything is created. If other
// servers store the stream, only the echo shows it.
void check_server(const session& session, const bucket_config& config) {
  if (!session.is_version_of_jetstream()) return;
  const auto need = [&](bool asked, int minor, const char* setting) {
    if (!asked || session.at_least(2, minor)) return;
    throw failure(client_error::unsupported_by_server,
                  detail::concat(setting, " needs server 2.", std::to_string(minor), ", this is ",
                                 session.info().version));
  };
  need(config.compression(), 10, "compression");
  need(!config.metadata().empty(), 10, "metadata");
  need(config.limit_marker_ttl().count() != 0, 11, "limit_marker_ttl");
  need(config.atomic(), 12, "atomic");
  const auto& sources = config.sources();
  const bool transformed = std::any_of(sources.begin(), sources.end(), [&](const bucket_source& each) {
    return jetstream::is_transformed(each, config.name());
  });
  need(transformed, 10, "a source with transforms of its subjects");
  need(!config.mirror().filter_subject.empty(), 10, "filter_subject of a mirror");
}

asio::awaitable<bucket_ptr> make_bucket(std::shared_ptr<session> session, jetstream::stream_info info,
                                        core::time_point until, progress* done) {
  bucket_route route = co_await route_of(session, info, until, done);
  const std::string name = info.status.config.name();
  co_return std::make_shared<const bucket_state>(session, name, info, std::move(route));
}

// CREATE and UPDATE answer with the configuration as it is now. Another server of the cluster may be an old one.
jetstream::stream_info read_answer(const bucket_config& config, const api_reply& reply, bool all) {
  auto info = jetstream::parse_stream_info(reply.payload);
  if (!info.ok()) throw failure(info.code, detail::concat("bucket ", config.name(), ": ", info.detail));
  if (const std::string missing = jetstream::missing_in_echo(config, info.value, all); !missing.empty()) {
    throw failure(client_error::unsupported_by_server, detail::concat("the server ignored ", missing));
  }
  return std::move(info.value);
}

asio::awaitable<bucket_ptr> create(std::shared_ptr<session> session, bucket_config config,
                                   core::time_point until, progress* done) {
  refuse(jetstream::check_bucket_config(config));
  check_server(*session, config);
  co_await refuse_circle(session, config, until, done);
  api_request request{session->api().stream_create(jetstream::stream_name(config.name())),
                      {},
                      jetstream::stream_config_request(config)};
  const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::write, done);
  co_return co_await make_bucket(session, read_answer(config, reply, true), until, done);
}

// A stream must be inspected before it is used: its name alone does not make it a bucket.
asio::awaitable<jetstream::stream_info> inspect(std::shared_ptr<session> session, std::string name,
                                                core::time_point until, progress* done) {
  refuse(jetstream::check_bucket_name(name));
  auto info = co_await inspect_bucket(session, jetstream::stream_name(name), until, done);
  co_return info;
}

asio::awaitable<bucket_ptr> open(std::shared_ptr<session> session, std::string name, core::time_point until,
                                 progress* done) {
  const auto info = co_await inspect(session, name, until, done);
  co_return co_await make_bucket(session, info, until, done);
}

asio::awaitable<bucket_ptr> update(std::shared_ptr<session> session, bucket_config config,
                                   core::time_point until, progress* done) {
  const auto info = co_await inspect(session, config.name(), until, done);
  if (config.set_settings().empty()) co_return co_await make_bucket(session, info, until, done);
  api_request request{session->api().stream_update(jetstream::stream_name(config.name())),
                      {},
                      jetstream::stream_update_request(config, info.config_json)};
  const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::write, done);
  co_return co_await make_bucket(session, read_answer(config, reply, false), until, done);
}

jetstream::outcome<jetstream::stream_page> parse_page(std::string_view json, bool names_only) {
  if (!names_only) return jetstream::parse_stream_page(json);
  auto names = jetstream::parse_stream_names(json);
  jetstream::outcome<jetstream::stream_page> page{{}, names.code, std::move(names.detail)};
  page.value.streams = names.value.names.size();
  page.value.total = names.value.total;
  for (const std::string& stream : names.value.names) {
    if (const auto name = jetstream::bucket_of_stream(stream); !name.empty())
      page.value.buckets.emplace_back(name);
  }
  return page;
}

asio::awaitable<std::vector<std::string>> list(std::shared_ptr<session> session, bool names_only,
                                               core::time_point until, progress* done) {
  std::vector<std::string> names;
  std::uint64_t offset = 0;
  while (true) {  // the server gives 256 configurations, or 1024 names, at a time
    api_request request{
        names_only ? session->api().stream_names() : session->api().stream_list(),
        {},
        names_only ? jetstream::stream_page_request(offset) : jetstream::all_streams_request(offset)};
    const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::read, done);
    auto page = parse_page(reply.payload, names_only);
    if (!page.ok()) throw failure(page.code, std::move(page.detail));
    for (std::string& name : page.value.buckets) names.push_back(std::move(name));
    offset += page.value.streams;
    if (page.value.streams == 0 || offset >= page.value.total) break;
  }
  // A bucket that is made meanwhile shifts the pages.
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  co_return names;
}

}  // namespace

asio::awaitable<bucket_ptr> create_bucket(std::shared_ptr<session> session, bucket_config config,
                                          duration timeout, progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  co_return co_await create(session, std::move(config), until, done);
}

asio::awaitable<bucket_ptr> open_bucket(std::shared_ptr<session> session, std::string name, duration timeout,
                                        progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  co_return co_await open(session, std::move(name), until, done);
}

asio::awaitable<bucket_ptr> ensure_bucket(std::shared_ptr<session> session, bucket_config config,
                                          ensure_options options, progress* done) {
  const core::time_point until = deadline_of(*session, options.timeout);
  bool exists = false;
  try {
    co_return co_await create(session, config, until, done);
  } catch (const failure& refused) {
    done->has_no_effects();
    exists = refused.code() == errc::bucket_exists && options.on_conflict != on_conflict::fail;
    if (!exists) throw;
  }
  if (options.on_conflict == on_conflict::update)
    co_return co_await update(session, std::move(config), until, done);
  co_return co_await open(session, config.name(), until, done);
}

asio::awaitable<void> delete_bucket(std::shared_ptr<session> session, std::string name, duration timeout,
                                    progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  co_await inspect(session, name, until, done);
  api_request request{session->api().stream_delete(jetstream::stream_name(name)), {}, {}};
  const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::write, done);
  const auto deleted = jetstream::parse_success(reply.payload);
  if (!deleted.ok()) throw failure(deleted.code, detail::concat("bucket ", name, ": ", deleted.detail));
}

asio::awaitable<std::vector<std::string>> list_buckets(std::shared_ptr<session> session, duration timeout,
                                                       progress* done) {
  const core::time_point until = deadline_of(*session, timeout);
  try {
    co_return co_await list(session, false, until, done);
  } catch (const failure& refused) {
    if (refused.code() != client_error::permission_denied) throw;
  }
  // A user without permission to request configurations gets the result of the names.
  co_return co_await list(session, true, until, done);
}

}  // namespace kvco::kv
