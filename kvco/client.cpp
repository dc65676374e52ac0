// The operations of a client, delegated to kv/ and net/.
#include <kvco/client.hpp>

#include <kvco/kv/bucket_cache.hpp>
#include <kvco/kv/buckets.hpp>
#include <kvco/kv/jetstream_request.hpp>
#include <kvco/net/closing.hpp>
#include <kvco/net/inbound.hpp>
#include <kvco/net/observation.hpp>
#include <kvco/net/opening.hpp>
#include <kvco/net/ping.hpp>
#include <kvco/net/publishing.hpp>
#include <kvco/net/session_owner.hpp>
#include <kvco/net/task.hpp>

namespace kvco {
namespace {

namespace asio = boost::asio;

asio::awaitable<bucket> handle_of(asio::awaitable<kv::bucket_ptr> work) {
  kv::bucket_ptr state = co_await std::move(work);
  co_return bucket(std::move(state));
}

}  // namespace

client::client(std::shared_ptr<net::session> session) : owner_(net::session_owner::of(session)) {}

client::client(executor_type executor, config settings)
    : client(net::open_session(
          executor, settings.reconnect([](auto& reconnect) { reconnect.retry_first_connect(true); }))) {}

client& client::operator=(client other) noexcept {
  std::swap(owner_, other.owner_);
  return *this;
}

client::~client() { session(); }

std::shared_ptr<net::session> client::session() const {
  if (!owner_) return nullptr;
  owner_->session()->entrance().check();
  return owner_->session();
}

detail::operation_ptr<> client::prepare_connected(const request_options& options) const {
  if (!owner_) return {};
  return net::make_task<>(session()->executor(), options.diag, [session = session(), options] {
    return net::wait_for_connection(session, options.timeout);
  });
}

detail::operation_ptr<bucket> client::prepare_create(bucket_config config,
                                                     const request_options& options) const {
  if (!owner_) return {};
  std::string name = config.name();
  return net::make_observed_task<bucket>(
      session(), operation_kind::create_bucket, std::move(name), 0, options.diag,
      [session = session(), config = std::move(config), options](net::progress* done) {
        return handle_of(kv::create_bucket(session, config, options.timeout, done));
      });
}

detail::operation_ptr<bucket> client::prepare_open(std::string_view name,
                                                   const request_options& options) const {
  if (!owner_) return {};
  return net::make_observed_task<bucket>(
      session(), operation_kind::open_bucket, std::string(name), 0, options.diag,
      [session = session(), name = std::string(name), options](net::progress* done) {
        return handle_of(kv::open_bucket(session, name, options.timeout, done));
      });
}

detail::operation_ptr<bucket> client::prepare_ensure(bucket_config config,
                                                     const ensure_options& options) const {
  if (!owner_) return {};
  std::string name = config.name();
  return net::make_observed_task<bucket>(
      session(), operation_kind::ensure_bucket, std::move(name), 0, options.diag,
      [session = session(), config = std::move(config), options](net::progress* done) {
        return handle_of(kv::ensure_bucket(session, config, options, done));
      });
}

detail::operation_ptr<bucket> client::prepare_update(bucket_config config,
                                                     const request_options& options) const {
  if (!owner_) return {};
  std::string name = config.name();
  return net::make_observed_task<bucket>(
      session(), operation_kind::update_bucket, std::move(name), 0, options.diag,
      [session = session(), config = std::move(config), options](net::progress* done) {
        return handle_of(kv::update_bucket(session, config, options.timeout, done));
      });
}

detail::operation_ptr<bucket> client::prepare_key_value(bucket_config config,
                                                        const key_value_options& options) const {
  if (!owner_) return {};
  std::string name = config.name();
  return net::make_observed_task<bucket>(
      session(), operation_kind::key_value, std::move(name), 0, options.diag,
      [session = session(), config = std::move(config), options](net::progress* done) {
        return handle_of(kv::key_value(session, config, options, done));
      });
}

detail::operation_ptr<std::uint64_t> client::prepare_purge(std::string_view name,
                                                           const request_options& options) const {
  if (!owner_) return {};
  return net::make_observed_task<std::uint64_t>(
      session(), operation_kind::purge_bucket, std::string(name), 0, options.diag,
      [session = session(), name = std::string(name), options](net::progress* done) {
        return kv::purge_bucket(session, name, options.timeout, done);
      });
}

detail::operation_ptr<> client::prepare_delete(std::string_view name, const request_options& options) const {
  if (!owner_) return {};
  return net::make_observed_task<>(
      session(), operation_kind::delete_bucket, std::string(name), 0, options.diag,
      [session = session(), name = std::string(name), options](net::progress* done) {
        return kv::delete_bucket(session, name, options.timeout, done);
      });
}

detail::operation_ptr<std::vector<std::string>> client::prepare_names(const request_options& options) const {
  if (!owner_) return {};
  return net::make_observed_task<std::vector<std::string>>(
      session(), operation_kind::bucket_names, {}, 0, options.diag,
      [session = session(), options](net::progress* done) {
        return kv::list_buckets(session, options.timeout, done);
      });
}

detail::operation_ptr<> client::prepare_flush(const request_options& options) const {
  if (!owner_) return {};
  return net::make_flush(session(), options);
}

detail::operation_ptr<duration> client::prepare_rtt(const request_options& options) const {
  if (!owner_) return {};
  return net::make_rtt(session(), options);
}

detail::operation_ptr<> client::prepare_close(const request_options& options) const {
  if (!owner_) return {};
  return net::make_task<>(session()->executor(), options.diag,
                          [session = session(), options] { return net::close(session, options.timeout); });
}

detail::operation_ptr<> client::prepare_drain(const request_options& options) const {
  if (!owner_) return {};
  return net::make_task<>(session()->executor(), options.diag,
                          [session = session(), options] { return net::drain(session, options.timeout); });
}

asio::awaitable<void> client::publish(std::string_view subject, std::string_view payload,
                                      publish_options options) const {
  return net::publish(owner_ ? session() : nullptr, subject, payload, options);
}

detail::operation_ptr<> client::prepare_publish(std::string_view subject, std::string_view payload,
                                                const publish_options& options) const {
  if (!owner_) return {};
  return net::make_publish(session(), subject, payload, options);
}

detail::operation_ptr<message> client::prepare_request(std::string_view subject, std::string_view payload,
                                                       const message_request_options& options) const {
  if (!owner_) return {};
  return net::make_request(session(), subject, payload, options);
}

subscription client::request_many(std::string_view subject, std::string_view payload,
                                  gather_options options) const {
  if (!owner_) return {};
  return {net::gather(session(), subject, payload, options), owner_};
}

subscription client::subscribe(std::string_view subject, subscribe_options options) const {
  if (!owner_) return {};
  return {net::subscribe(session(), subject, options), owner_};
}

detail::operation_ptr<std::string> client::prepare_jetstream_request(std::string_view subject,
                                                                     std::string_view payload,
                                                                     const request_options& options) const {
  if (!owner_) return {};
  return net::make_task<std::string>(
      session()->executor(), options.diag,
      [session = session(), subject = std::string(subject), payload = std::string(payload),
       options](net::progress* done) mutable {
        return kv::jetstream_request(session, std::move(subject), std::move(payload), options.timeout, done);
      });
}

const kvco::server_info& client::server_info() const {
  static const kvco::server_info none;
  return owner_ ? session()->info() : none;
}
bool client::is_connected() const noexcept { return owner_ && session()->ready(); }
client::executor_type client::get_executor() const noexcept {
  return owner_ ? owner_->session()->executor() : executor_type();
}

client_health client::health() const { return owner_ ? session()->health() : client_health(); }

kvco::statistics client::statistics() const {
  if (!owner_) return {};
  net::session& s = *session();
  return {.reconnects = s.counters().reconnects,
          .bytes_in = s.counters().bytes_in,
          .bytes_out = s.counters().bytes_out,
          .messages_in = s.counters().messages_in,
          .late_replies = s.inbox().strays(),
          .repeated_reads = s.requests().repeated_reads(),
          .connect_attempts = s.counters().attempts,
          .failed_attempts = s.counters().failed_attempts,
          .authentication_failures = s.counters().authentication_failures,
          .watches_recreated = s.counters().watches_recreated,
          .pending_requests = s.inbox().size(),
          .subscriptions = s.subscriptions().size()};
}

}  // namespace kvco
