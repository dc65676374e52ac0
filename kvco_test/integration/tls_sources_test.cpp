// TLS without files: PEM texts from memory, and the user's own context.
#include <gmock/gmock.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/verify_context.hpp>
#include <kvco_test/support/judges/source_tree.hpp>
#include <kvco_test/support/server/connecting.hpp>
#include <kvco_test/support/server/tls_servers.hpp>
#include <memory>

namespace kvco::test {
namespace {

using testing::HasSubstr;

class tls_sources_test : public testing::Test {
 protected:
  config of(const nats_server& to, const std::string& scheme = "tls") const { return config(as(scheme, to)); }
  nats_server mutual() {
    return nats_server(
        with_tls("newest", tls_block(authority.issue("mutual"),
                                     ", verify: true, ca_file: \"" + authority.certificate() + "\"")));
  }
  /// One that trusts the authority.
  std::shared_ptr<asio::ssl::context> own_context() const {
    auto made = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    made->load_verify_file(authority.certificate());
    return made;
  }

  certificate_authority authority;
  const std::string trusted = text_of(authority.certificate());
  const nats_server server{with_tls("newest", tls_block(authority.issue("server")))};
  const nats_server elsewhere{
      with_tls("newest", tls_block(authority.issue("elsewhere", {.names = "DNS:nats.example"})))};
};

// contract: 9
TEST_F(tls_sources_test, pem_from_memory_connects) {
  for (const char* scheme : {"nats", "tls"}) {
    expect_works(of(server, scheme).tls([&](auto& tls) { tls.ca_pem(trusted); }));
  }
  const auto files = authority.issue("client");
  const nats_server verifying = mutual();
  const config trusting = of(verifying).tls([&](auto& tls) { tls.ca_pem(trusted); });
  expect_works(config(trusting).tls(
      [&](auto& tls) { tls.certificate_pem(text_of(files.certificate), text_of(files.key)); }));
  expect_refused(trusting, errc::tls_failed, "certificate");
}

// contract: 9
TEST_F(tls_sources_test, pem_from_memory_is_verified_with) {
  const certificate_authority another;
  expect_refused(of(server).tls([&](auto& tls) { tls.ca_pem(text_of(another.certificate())); }),
                 errc::tls_failed, "its certificate is refused");
  expect_refused(of(elsewhere).tls([&](auto& tls) { tls.ca_pem(trusted); }), errc::tls_failed, "mismatch");
}

// contract: 9
TEST_F(tls_sources_test, wrong_pem_is_an_error_that_names_the_setting) {
  const auto mine = authority.issue("client"), other = authority.issue("other");
  const std::string cert = text_of(mine.certificate), key = text_of(mine.key), begin = key.substr(0, 60);
  struct row {
    std::string ca, certificate, key, words;
  };
  const row rows[] = {
      {"SECRET", "", "", "tls.ca_pem: "},
      {begin, "", "", "tls.ca_pem: "},
      {trusted, "SECRET", key, "the certificate of tls.certificate_pem: "},
      {trusted, cert, "SECRET", "the key of tls.certificate_pem: "},
      {trusted, cert, begin, "the key of tls.certificate_pem: "},
      {trusted, cert, text_of(other.key), "the key of tls.certificate_pem: "},
  };
  for (const row& r : rows) {
    const std::string what = expect_refused(of(server).tls([&](auto& tls) {
      tls.ca_pem(r.ca);
      if (!r.key.empty()) tls.certificate_pem(r.certificate, r.key);
    }),
                                            errc::tls_failed, r.words);
    EXPECT_THAT(what, Not(HasSubstr("SECRET")));
    EXPECT_THAT(what, Not(HasSubstr(key.substr(30, 20))));
  }
}

// The mere presence of an authority, or of a context, requires TLS.
// contract: 9
TEST_F(tls_sources_test, tls_is_required_by_pem_and_by_a_context) {
  const nats_server plain;
  expect_refused(config(plain.url()).tls([&](auto& tls) { tls.ca_pem(trusted); }), errc::tls_failed, "TLS");
  expect_refused(config(plain.url()).tls([&](auto& tls) { tls.context(own_context()); }), errc::tls_failed,
                 "TLS");
}

// contract: 9
TEST_F(tls_sources_test, a_context_of_the_user_connects) {
  for (const char* scheme : {"nats", "tls"}) {
    expect_works(of(server, scheme).tls([&](auto& tls) { tls.context(own_context()); }));
  }
  const auto files = authority.issue("client");
  const nats_server verifying = mutual();
  const auto with_certificate = own_context();
  with_certificate->use_certificate_chain_file(files.certificate);
  with_certificate->use_private_key_file(files.key, asio::ssl::context::pem);
  expect_works(of(verifying).tls([&](auto& tls) { tls.context(with_certificate); }));
  expect_refused(of(verifying).tls([&](auto& tls) { tls.context(own_context()); }), errc::tls_failed,
                 "certificate");
}

// Its authorities, its verify callback: each may refuse the server.
// contract: 9
TEST_F(tls_sources_test, a_refusal_by_the_context_is_an_error) {
  const auto without_trust = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  expect_refused(of(server).tls([&](auto& tls) { tls.context(without_trust); }), errc::tls_failed,
                 "its certificate is refused");
  int asked = 0;
  const auto refusing = own_context();
  refusing->set_verify_mode(asio::ssl::verify_peer);
  refusing->set_verify_callback([&](bool, asio::ssl::verify_context&) {
    ++asked;
    return false;
  });
  expect_refused(of(server).tls([&](auto& tls) { tls.context(refusing); }), errc::tls_failed, "certificate");
  EXPECT_GT(asked, 0);
  // Without kvco's own checks, the context still decides.
  expect_refused(of(server).tls([&](auto& tls) { tls.context(refusing).verify(false); }), errc::tls_failed,
                 "certificate");
}

// A callback that accepts everything accepts chains, not names: those are kvco's to compare.
// contract: 9
TEST_F(tls_sources_test, the_name_is_checked_with_a_context_too) {
  const auto indifferent = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  indifferent->set_verify_mode(asio::ssl::verify_peer);
  indifferent->set_verify_callback([](bool, asio::ssl::verify_context&) { return true; });
  expect_works(of(server).tls([&](auto& tls) { tls.context(indifferent); }));
  expect_refused(of(elsewhere).tls([&](auto& tls) { tls.context(indifferent); }), errc::tls_failed,
                 "mismatch");
  expect_refused(of(elsewhere).tls([&](auto& tls) { tls.context(own_context()); }), errc::tls_failed,
                 "mismatch");
  expect_works(of(elsewhere).tls([&](auto& tls) { tls.context(own_context()).server_name("nats.example"); }));
  expect_works(of(elsewhere).tls([&](auto& tls) { tls.context(own_context()).verify(false); }));
}

// contract: 9
TEST_F(tls_sources_test, a_context_of_the_user_is_used_by_websockets) {
  const auto own = authority.issue("websocket");
  const reserved_port port;
  const nats_server far({.extra_config = "websocket { port: " + std::to_string(port.number()) + ", " +
                                         tls_block(own) + " }\n"});
  const config settings("wss://127.0.0.1:" + std::to_string(port.number()));
  expect_works(config(settings).tls([&](auto& tls) { tls.context(own_context()); }));
  expect_works(config(settings).tls([&](auto& tls) { tls.ca_pem(trusted); }));
  const auto without_trust = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  expect_refused(config(settings).tls([&](auto& tls) { tls.context(without_trust); }), errc::tls_failed,
                 "its certificate is refused");
}

}  // namespace
}  // namespace kvco::test
