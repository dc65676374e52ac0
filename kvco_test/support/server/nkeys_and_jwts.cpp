// What `nsc` makes, for tests: key pairs of operators, accounts and users, and the JWTs that they sign (ADR-14).
#include <kvco_test/support/server/nkeys_and_jwts.hpp>

#include <absl/strings/escaping.h>
#include <array>
#include <cstdint>
#include <ctime>
#include <stdexcept>

#include <openssl/evp.h>

namespace kvco::test {
namespace {

using bytes = std::basic_string<unsigned char>;

constexpr unsigned seed_prefix = 18 << 3;

unsigned prefix_of(char kind) {
  switch (kind) {
    case 'O':
      return 14 << 3;
    case 'A':
      return 0;
    case 'U':
      return 20 << 3;
  }
  throw std::invalid_argument("no kind of NKey");
}

std::string base32(const bytes& data) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  unsigned buffer = 0, held = 0;
  for (const unsigned char byte : data) {
    buffer = buffer << 8 | byte;
    for (held += 8; held >= 5; held -= 5) text += letters[buffer >> (held - 5) & 31];
  }
  if (held > 0) text += letters[buffer << (5 - held) & 31];
  return text;
}

// CRC-16/XMODEM behind the data, in little endian.
std::string with_checksum(bytes data) {
  std::uint16_t crc = 0;
  for (const unsigned char byte : data) {
    crc = static_cast<std::uint16_t>(crc ^ byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
    }
  }
  data += static_cast<unsigned char>(crc & 255);
  data += static_cast<unsigned char>(crc >> 8);
  return base32(data);
}

std::string base64url(std::string_view text) {
  std::string out = absl::WebSafeBase64Escape(absl::string_view(text.data(), text.size()));
  while (out.ends_with('=')) out.pop_back();
  return out;
}

using raw_key = std::array<unsigned char, 32>;

}  // namespace

key_pair::key_pair(char kind)
    : pair_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free), kind_(kind) {
  if (!pair_) throw std::runtime_error("OpenSSL makes no key");
}

std::string key_pair::seed() const {
  raw_key raw{};
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_private_key(pair_.get(), raw.data(), &size);
  const unsigned prefix = prefix_of(kind_);
  bytes data;
  data += static_cast<unsigned char>(seed_prefix | prefix >> 5);
  data += static_cast<unsigned char>((prefix & 31) << 3);
  data.append(raw.begin(), raw.end());
  return with_checksum(data);
}

std::string key_pair::public_key() const {
  raw_key raw{};
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(pair_.get(), raw.data(), &size);
  bytes data(1, static_cast<unsigned char>(prefix_of(kind_)));
  data.append(raw.begin(), raw.end());
  return with_checksum(data);
}

std::string key_pair::jwt(std::string_view subject, std::string_view claims) const {
  static int number = 0;
  const std::string payload = "{\"jti\":\"" + std::to_string(++number) +
                              "\",\"iat\":" + std::to_string(std::time(nullptr)) + ",\"iss\":\"" +
                              public_key() + "\",\"name\":\"test\",\"sub\":\"" + std::string(subject) +
                              "\"," + std::string(claims) + "}";
  const std::string body = base64url(R"({"typ":"JWT","alg":"ed25519-nkey"})") + "." + base64url(payload);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair_.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(body.data()), body.size());
  return body + "." + base64url(signature);
}

std::string creds_text(std::string_view jwt, std::string_view seed) {
  return "-----BEGIN NATS USER JWT-----\n" + std::string(jwt) + "\n------END NATS USER JWT------\n\n" +
         "-----BEGIN USER NKEY SEED-----\n" + std::string(seed) + "\n------END USER NKEY SEED------\n";
}

}  // namespace kvco::test
