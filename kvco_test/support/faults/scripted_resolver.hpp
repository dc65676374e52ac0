// Names that resolve as a test wants. getaddrinfo() and freeaddrinfo() are replaced in the whole executable; what no test
// has scripted goes to the system's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kvco::test {

/// The name of a host for as long as this object lives: unknown (EAI_NONAME) until something else is said. It may be asked
/// for on any thread; Asio asks on one of its own, one name after the other.
class scripted_name {
 public:
  explicit scripted_name(std::string name);
  /// Whoever waits is told that the name does not resolve now.
  ~scripted_name();
  scripted_name(const scripted_name&) = delete;
  scripted_name& operator=(const scripted_name&) = delete;

  const std::string& text() const { return name_; }
  /// nats://name:port
  std::string url(std::uint16_t port) const;

  /// To these IPv4 and IPv6 addresses, in this order.
  void resolves_to(const std::vector<std::string>& addresses);
  /// @param code  EAI_AGAIN, EAI_NODATA, ...; 0: a success, but without any address
  void fails(int code);
  /// Whoever asks waits until something else is said, and gets that. After 15 s it is EAI_AGAIN: nobody can break off a
  /// call of getaddrinfo(), and a test that goes wrong has to end.
  void hangs();

  int asked() const;    ///< so often, since this object was made
  int waiting() const;  ///< so many wait now

 private:
  struct script;
  friend struct scripted_names;

  std::string name_;
  std::shared_ptr<script> script_;
};

/// Answers of scripted names that nobody has freed yet.
std::size_t unfreed_answers();

}  // namespace kvco::test
