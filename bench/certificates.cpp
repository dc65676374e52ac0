// Certificates, made as the tests make theirs.
#include <bench/certificates.hpp>

#include <filesystem>
#include <kvco_test/support/server/certificates.hpp>

namespace kvco::bench {

void write_certificates(const std::string& folder) {
  const std::filesystem::path to(folder);
  test::certificate_authority authority;
  const auto own = authority.issue("server");
  std::filesystem::copy_file(authority.certificate(), to / "authority.pem");
  std::filesystem::copy_file(own.certificate, to / "server.pem");
  std::filesystem::copy_file(own.key, to / "server.key");
}

}  // namespace kvco::bench
