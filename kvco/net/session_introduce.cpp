// The handshake after the server's INFO: TLS, credentials, CONNECT.
#include <kvco/net/session.hpp>

#include <kvco/net/credentials_question.hpp>
#include <kvco/net/introduction.hpp>

#include <openssl/crypto.h>

namespace kvco::net {
namespace {

bool requires_tls(const config::tls_settings& tls) {
  return tls.handshake_first() || tls.context() != nullptr || !tls.ca_file().empty() ||
         !tls.ca_pem().empty() || !tls.certificate_file().empty() || !tls.certificate_pem().empty();
}

}  // namespace

// A server that was learned from gossip has the certificate of the configured one, for gossip is addresses mostly; or, where it was
// said over TLS, one for what gossip calls it.
tls_settings session::tls_of(const core::server_url& server) const {
  const bool set = !settings_.tls().server_name().empty();
  const std::string& name = set                             ? settings_.tls().server_name()
                            : server.certified_name.empty() ? server.host
                                                            : server.certified_name;
  tls_settings made(name, settings_.tls());
  if (!set && server.host_is_certified) made.other_name = server.host;
  return made;
}

// What has been said in secret once is not said in plain text later, whoever answers there then.
void session::note_secured(connection& conn) {
  conn.server.once_secured = true;
  servers_.note_secured(conn.server);
}

// The server has said who it is: TLS where either side wants it, then CONNECT. Never CONNECT before TLS.
asio::awaitable<void> session::introduce(std::shared_ptr<connection> conn) {
  const server_info& info = conn->link.info();
  const bool wanted = conn->server.secure() || conn->server.once_secured || requires_tls(settings_.tls());
  if (wanted && conn->server.websocket() && !conn->stream->secured()) {
    co_return conn->fail(client_error::tls_not_offered, "a WebSocket has TLS by wss:// only");
  }
  if ((wanted || info.tls_required) && !conn->stream->secured() && !conn->server.websocket()) {
    if (!info.tls_required && !info.tls_available) {
      co_return conn->fail(
          client_error::tls_not_offered,
          conn->server.once_secured
              ? "TLS was established here before: INFO has neither tls_required nor tls_available"
              : "INFO has neither tls_required nor tls_available");
    }
    // Somebody on the way could have put words behind INFO that would count as the server's.
    if (conn->parser.buffered() > 0) {
      co_return conn->fail(client_error::tls_failed,
                           "the server went on in plain text where TLS has to begin");
    }
    if (!co_await secure(conn)) co_return;
  }
  std::shared_ptr<credentials_question> asked;
  if (settings_.credentials_source() &&
      kind_of_credentials(settings_, conn->server) != core::credentials_kind::of_server) {
    credentials_request request(conn->server.place(), logins_.refusals());
    asked = co_await ask_for_credentials(settings_.credentials_source(), std::move(request), conn, executor_);
    if (conn->closed) co_return;
  }
  introduction mine;
  if (asked && asked->refused) {
    mine.refused = asked->refused;
  } else {
    mine = make_introduction(settings_, conn->server, conn->link.info(), asked ? &asked->given : nullptr);
  }
  if (mine.refused) {
    conn->introduction_failed = true;
    co_return conn->fail(mine.refused.code, std::move(mine.refused.detail));
  }
  conn->link.introduce(mine.json, now());
  OPENSSL_cleanse(mine.json.data(), mine.json.size());
}

asio::awaitable<bool> session::secure(std::shared_ptr<connection> conn) {
  tls_settings settings = tls_of(conn->server);
  step_result done = co_await conn->stream->secure(std::move(settings));
  if (done.code && !conn->closed) conn->fail(done.code, std::move(done.detail));
  if (!conn->closed) note_secured(*conn);
  co_return !conn->closed;
}

}  // namespace kvco::net
