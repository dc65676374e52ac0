// Certificates that live as long as a test, made by OpenSSL.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace kvco::test {

struct certificate_request {
  std::string names = "IP:127.0.0.1,DNS:localhost";  // subjectAltName
  int days = 2;                                      // from now; negative: it has expired
};

/// An authority and the certificates that it has signed, PEM files in a folder of their own.
class certificate_authority {
 public:
  certificate_authority();
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  struct files {
    std::string certificate, key;
  };
  std::string certificate() const;  ///< its own
  files issue(const std::string& name, const certificate_request& request = {});

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
  std::filesystem::path folder_;
};

}  // namespace kvco::test
