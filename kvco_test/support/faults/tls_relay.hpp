// A TLS server in front of a real NATS server: the words are the server's, the records are the test's. Everything is to be called on
// the executor's thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <kvco_test/support/server/certificates.hpp>
#include <memory>
#include <string>

namespace kvco::test {

class tls_relay {
 public:
  /// Takes one client, which begins with TLS, and passes on to `target`, a plain NATS port of 127.0.0.1.
  tls_relay(boost::asio::any_io_executor executor, std::uint16_t target,
            const certificate_authority::files& own);
  ~tls_relay();
  tls_relay(const tls_relay&) = delete;
  tls_relay& operator=(const tls_relay&) = delete;

  std::string url() const;  ///< tls://127.0.0.1:<port>

  /// True: what the server says waits. False: all of it leaves before anything else happens on this thread.
  void hold(bool v);
  /// What waits.
  const std::string& held() const;
  /// Records of data that the client has sent.
  std::size_t messages() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace kvco::test
