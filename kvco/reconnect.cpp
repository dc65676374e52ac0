// Another server for a client: delegated to net/.
#include <kvco/reconnect.hpp>

#include <kvco/client_access.hpp>
#include <kvco/net/opening.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>

namespace kvco {

namespace detail {

operation_ptr<> connection_changes::prepare_reconnect(const client& nats, const request_options& options) {
  const auto session = client_access::session_of(nats);
  if (!session) return {};
  return net::make_task<>(session->executor(), options.diag,
                          [session, options] { return net::reconnect(session, options.timeout); });
}

operation_ptr<> connection_changes::prepare_set_servers(const client& nats, std::string_view urls,
                                                        const request_options& options) {
  const auto session = client_access::session_of(nats);
  if (!session) return {};
  return net::make_task<>(session->executor(), options.diag,
                          [session, urls = std::string(urls)] { return net::set_servers(session, urls); });
}

}  // namespace detail

std::vector<std::string> known_servers(const client& nats) {
  const auto session = detail::client_access::session_of(nats);
  return session ? session->connector().servers().places() : std::vector<std::string>();
}

}  // namespace kvco
