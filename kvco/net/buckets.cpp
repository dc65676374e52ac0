// Buckets as a whole: requests about streams.
#include <kvco/net/buckets.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/net/steps.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::net {
namespace {

// An old server drops settings it does not know without a word: refused before anything is created.
void check_server(const session& session, const bucket_config& config) {
  const auto need = [&](bool asked, int minor, const char* setting) {
    if (!asked || session.at_least(2, minor)) return;
    throw failure(client_error::unsupported_by_server,
                  detail::concat(setting, " needs server 2.", std::to_string(minor), ", this is ",
                                 session.info().version));
  };
  need(config.compression(), 10, "compression");
  need(!config.metadata().empty(), 10, "metadata");
  need(config.limit_marker_ttl().count() != 0, 11, "limit_marker_ttl");
}

bucket make_bucket(const std::shared_ptr<session>& session, const std::string& name,
                   const jetstream::stream_info& info) {
  return bucket(std::make_shared<const bucket_state>(session, name, info));
}

// CREATE and UPDATE answer with the configuration as it is now. Another server of the cluster may be an old one.
asio::awaitable<bucket> configure(std::shared_ptr<session> session, bucket_config config, std::string subject,
                                  std::string body, core::time_point until) {
  api_request request{std::move(subject), {}, std::move(body)};
  const api_reply reply = co_await ask(session, std::move(request), until, effect::write);
  const auto info = jetstream::parse_stream_info(reply.payload);
  if (!info.ok()) throw failure(info.code, detail::concat("bucket ", config.name(), ": ", info.detail));
  if (const std::string missing = jetstream::missing_in_echo(config, info.value); !missing.empty()) {
    throw failure(client_error::unsupported_by_server, detail::concat("the server ignored ", missing));
  }
  co_return make_bucket(session, config.name(), info.value);
}

asio::awaitable<bucket> create(std::shared_ptr<session> session, bucket_config config,
                               core::time_point until) {
  refuse(jetstream::check_bucket_config(config));
  check_server(*session, config);
  std::string subject = session->api().stream_create(jetstream::stream_name(config.name()));
  std::string body = jetstream::stream_config_request(config);
  co_return co_await configure(session, config, std::move(subject), std::move(body), until);
}

// What a stream is must be looked at before anything is done with it: its name alone does not make it a bucket.
asio::awaitable<jetstream::stream_info> inspect(std::shared_ptr<session> session, std::string name,
                                                core::time_point until) {
  refuse(jetstream::check_bucket_name(name));
  auto info = co_await inspect_bucket(session, jetstream::stream_name(name), until);
  co_return info;
}

asio::awaitable<bucket> open(std::shared_ptr<session> session, std::string name, core::time_point until) {
  const auto info = co_await inspect(session, name, until);
  co_return make_bucket(session, name, info);
}

asio::awaitable<bucket> update(std::shared_ptr<session> session, bucket_config config,
                               core::time_point until) {
  const auto info = co_await inspect(session, config.name(), until);
  std::string subject = session->api().stream_update(jetstream::stream_name(config.name()));
  std::string body = jetstream::stream_update_request(config, info.config_json);
  co_return co_await configure(session, config, std::move(subject), std::move(body), until);
}

}  // namespace

asio::awaitable<bucket> create_bucket(std::shared_ptr<session> session, bucket_config config,
                                      duration timeout) {
  const core::time_point until = deadline_of(*session, timeout);
  co_return co_await create(session, std::move(config), until);
}

asio::awaitable<bucket> open_bucket(std::shared_ptr<session> session, std::string name, duration timeout) {
  const core::time_point until = deadline_of(*session, timeout);
  co_return co_await open(session, std::move(name), until);
}

asio::awaitable<bucket> ensure_bucket(std::shared_ptr<session> session, bucket_config config,
                                      ensure_options options) {
  const core::time_point until = deadline_of(*session, options.timeout);
  bool exists = false;
  try {
    co_return co_await create(session, config, until);
  } catch (const failure& refused) {
    exists = refused.code() == errc::bucket_exists && options.on_conflict != on_conflict::fail;
    if (!exists) throw;
  }
  if (options.on_conflict == on_conflict::update)
    co_return co_await update(session, std::move(config), until);
  co_return co_await open(session, config.name(), until);
}

asio::awaitable<void> delete_bucket(std::shared_ptr<session> session, std::string name, duration timeout) {
  const core::time_point until = deadline_of(*session, timeout);
  co_await inspect(session, name, until);
  api_request request{session->api().stream_delete(jetstream::stream_name(name)), {}, {}};
  const api_reply reply = co_await ask(session, std::move(request), until, effect::write);
  const auto done = jetstream::parse_success(reply.payload);
  if (!done.ok()) throw failure(done.code, detail::concat("bucket ", name, ": ", done.detail));
}

asio::awaitable<std::vector<std::string>> list_buckets(std::shared_ptr<session> session, duration timeout) {
  const core::time_point until = deadline_of(*session, timeout);
  std::vector<std::string> names;
  std::uint64_t offset = 0;
  while (true) {  // the server gives 1024 names at a time
    api_request request{session->api().stream_names(), {}, jetstream::stream_names_request(offset)};
    const api_reply reply = co_await ask(session, std::move(request), until);
    const auto page = jetstream::parse_stream_names(reply.payload);
    if (!page.ok()) throw failure(page.code, page.detail);
    for (const std::string& stream : page.value.names) {
      if (const auto name = jetstream::bucket_of_stream(stream); !name.empty()) names.emplace_back(name);
    }
    offset += page.value.names.size();
    if (page.value.names.empty() || offset >= page.value.total) break;
  }
  std::sort(names.begin(), names.end());
  co_return names;
}

}  // namespace kvco::net
