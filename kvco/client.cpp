// The operations of a client: each is handed to what carries it out.
#include <kvco/client.hpp>

#include <kvco/net/buckets.hpp>
#include <kvco/net/closing.hpp>
#include <kvco/net/observation.hpp>
#include <kvco/net/ping.hpp>
#include <kvco/net/require.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>

namespace kvco {

// The last handle ends the connection.
struct client::owner {
  explicit owner(std::shared_ptr<net::session> owned) : session(std::move(owned)) {}
  owner(const owner&) = delete;
  owner& operator=(const owner&) = delete;
  ~owner() {
    session->entrance().check();
    session->mute();
    session->terminate();
  }

  std::shared_ptr<net::session> session;
};

client::client(std::shared_ptr<net::session> session) : owner_(std::make_shared<owner>(std::move(session))) {}

const std::shared_ptr<net::session>& client::session() const {
  net::require(owner_, "client");
  owner_->session->entrance().check();
  return owner_->session;
}

detail::operation_ptr<bucket> client::prepare_create(bucket_config config, const request_options& options) {
  std::string name = config.name();
  return net::make_observed_task<bucket>(session(), operation_kind::create_bucket, std::move(name), 0,
                                         [session = session(), config = std::move(config), options] {
                                           return net::create_bucket(session, config, options.timeout);
                                         });
}

detail::operation_ptr<bucket> client::prepare_open(std::string_view name, const request_options& options) {
  return net::make_observed_task<bucket>(session(), operation_kind::open_bucket, std::string(name), 0,
                                         [session = session(), name = std::string(name), options] {
                                           return net::open_bucket(session, name, options.timeout);
                                         });
}

detail::operation_ptr<bucket> client::prepare_ensure(bucket_config config, const ensure_options& options) {
  std::string name = config.name();
  return net::make_observed_task<bucket>(session(), operation_kind::ensure_bucket, std::move(name), 0,
                                         [session = session(), config = std::move(config), options] {
                                           return net::ensure_bucket(session, config, options);
                                         });
}

detail::operation_ptr<> client::prepare_delete(std::string_view name, const request_options& options) {
  return net::make_observed_task<>(session(), operation_kind::delete_bucket, std::string(name), 0,
                                   [session = session(), name = std::string(name), options] {
                                     return net::delete_bucket(session, name, options.timeout);
                                   });
}

detail::operation_ptr<std::vector<std::string>> client::prepare_names(const request_options& options) {
  return net::make_observed_task<std::vector<std::string>>(
      session(), operation_kind::bucket_names, {}, 0,
      [session = session(), options] { return net::list_buckets(session, options.timeout); });
}

detail::operation_ptr<> client::prepare_flush(const request_options& options) {
  return net::make_flush(session(), options.timeout);
}

detail::operation_ptr<duration> client::prepare_rtt(const request_options& options) {
  return net::make_rtt(session(), options.timeout);
}

detail::operation_ptr<> client::prepare_close(const request_options& options) {
  return net::make_task<>(session()->executor(),
                          [session = session(), options] { return net::close(session, options.timeout); });
}

detail::operation_ptr<> client::prepare_drain(const request_options& options) {
  return net::make_task<>(session()->executor(),
                          [session = session(), options] { return net::drain(session, options.timeout); });
}

const kvco::server_info& client::server_info() const { return session()->info(); }
bool client::is_connected() const noexcept { return owner_ && session()->ready(); }
boost::asio::any_io_executor client::get_executor() const { return session()->executor(); }

client_health client::health() const { return session()->health(); }

kvco::statistics client::statistics() const {
  const net::session& s = *session();
  return {.reconnects = s.counters().reconnects,
          .bytes_in = s.counters().bytes_in,
          .bytes_out = s.counters().bytes_out,
          .messages_in = s.counters().messages_in,
          .late_replies = s.inbox().strays(),
          .repeated_reads = s.counters().repeated_reads,
          .connect_attempts = s.counters().attempts,
          .failed_attempts = s.counters().failed_attempts,
          .authentication_failures = s.counters().authentication_failures,
          .watches_recreated = s.counters().watches_recreated,
          .pending_requests = s.inbox().size(),
          .subscriptions = s.subscriptions().size()};
}

}  // namespace kvco
