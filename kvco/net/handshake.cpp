// The handshake after the server's INFO: TLS, credentials, CONNECT.
#include <openssl/crypto.h>
#include <kvco/net/connect_message.hpp>
#include <kvco/net/connector.hpp>
#include <kvco/net/credentials_question.hpp>
#include <kvco/net/session.hpp>
#include <utility>

namespace kvco::net {
namespace {

bool requires_tls(const config::tls_settings& tls) {
  return tls.handshake_first() || tls.context() != nullptr || !tls.ca_file().empty() ||
         !tls.ca_pem().empty() || !tls.certificate_file().empty() || !tls.certificate_pem().empty();
}

}  // namespace

// The certificate of a server known from gossip must be for the host name of the configured one, since gossip consists mostly of
// addresses; if the gossip came over TLS, the host in it is accepted, too.
tls_settings connector::tls_of(const core::server_url& server) const {
  const auto& tls = session_.settings().tls();
  const bool set = !tls.server_name().empty();
  const std::string& name = set                             ? tls.server_name()
                            : server.certified_name.empty() ? server.host
                                                            : server.certified_name;
  tls_settings made(name, tls);
  if (!set && server.host_is_certified) made.other_name = server.host;
  return made;
}

// A server that has used TLS once gets no credentials in plain text later: an attacker could have taken its address.
void connector::note_secured(connection& conn) {
  conn.server.once_secured = true;
  servers_.note_secured(conn.server);
}

// TLS, if either side requires it: CONNECT never precedes it. False: the connection has ended.
asio::awaitable<bool> connector::establish_tls(std::shared_ptr<connection> conn) {
  const server_info& info = conn->link.info();
  const auto& tls = session_.settings().tls();
  const bool wanted = conn->server.secure() || conn->server.once_secured || requires_tls(tls);
  if (conn->stream->secured() || (conn->server.websocket() && !wanted)) co_return true;
  if (conn->server.websocket()) {
    conn->fail(client_error::tls_not_offered, "a WebSocket has TLS by wss:// only");
    co_return false;
  }
  if (!wanted && !info.tls_required) co_return true;
  if (!info.tls_required && !info.tls_available) {
    conn->fail(client_error::tls_not_offered,
               conn->server.once_secured
                   ? "TLS was established here before: INFO has neither tls_required nor tls_available"
                   : "INFO has neither tls_required nor tls_available");
    co_return false;
  }
  // A man in the middle could have appended plain text to INFO, which would be taken for messages of the server.
  if (conn->parser.buffered() > 0) {
    conn->fail(client_error::tls_failed, "the server went on in plain text where TLS has to begin");
    co_return false;
  }
  co_return co_await conn->secure(conn);
}

asio::awaitable<void> connector::handshake(std::shared_ptr<connection> conn) {
  if (!co_await establish_tls(conn)) co_return;
  const config& settings = session_.settings();
  std::shared_ptr<credentials_question> asked;
  if (settings.credentials_source() &&
      kind_of_credentials(settings, conn->server) != core::credentials_kind::of_server) {
    credentials_request request(conn->server.place(), logins_.refusals());
    asked = co_await ask_for_credentials(settings.credentials_source(), std::move(request), conn,
                                         session_.executor());
    if (conn->closed) co_return;
  }
  connect_message message;
  if (asked && asked->refused) {
    message.refused = asked->refused;
  } else {
    message =
        make_connect_message(settings, conn->server, conn->link.info(), asked ? &asked->given : nullptr);
  }
  if (message.refused) {
    conn->credentials_failed = true;
    co_return conn->fail(message.refused.code, std::move(message.refused.detail));
  }
  conn->link.send_connect(message.json, session_.now());
  OPENSSL_cleanse(message.json.data(), message.json.size());
}

}  // namespace kvco::net
