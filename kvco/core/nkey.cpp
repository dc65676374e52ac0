// An NKey seed -> the public key and the signature of a nonce that CONNECT carries.
#include <kvco/core/nkey.hpp>

#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/secret.hpp>
#include <utility>

namespace kvco::core {
namespace {

using detail::concat;
using detail::secret;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t key_bytes = 32;                  // of Ed25519, seed and public key alike
constexpr std::size_t seed_bytes = 2 + key_bytes + 2;  // kind, seed, checksum
constexpr std::size_t seed_characters = 58;            // five bits each
constexpr std::size_t public_key_characters = 56;      // kind, public key, checksum: 35 bytes
constexpr std::size_t private_key_characters = 108;    // kind, seed, public key, checksum: 67 bytes
constexpr unsigned char seed_kind = 18 << 3;           // 'S'
constexpr unsigned char user_kind = 20 << 3;           // 'U'
constexpr std::size_t signature_bytes = 64;

// The kinds of keys by the first letter of their public key, which is the second one of their seed.
std::string_view kind_name(char letter) noexcept {
  switch (letter) {
    case 'U':
      return "a user";
    case 'A':
      return "an account";
    case 'O':
      return "an operator";
    case 'N':
      return "a server";
    case 'C':
      return "a cluster";
    case 'X':
      return "a curve (x25519) key pair";
    default:
      return {};
  }
}

std::uint16_t crc16(std::string_view bytes) noexcept {  // CRC-16/XMODEM
  std::uint16_t crc = 0;
  for (const char c : bytes) {
    crc = static_cast<std::uint16_t>(crc ^ (static_cast<unsigned char>(c) << 8));
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021 : 0));
    }
  }
  return crc;
}

// Into `out`, which is as long as the whole bytes of the text. The remaining bits must be zero, because no
// checksum covers them; false if they are not. A character outside the alphabet was refused before.
bool decode_base32(std::string_view text, secret& out) noexcept {
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t written = 0;
  for (const char c : text) {
    bits = ((bits << 5) | static_cast<std::uint32_t>(alphabet.find(c))) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    out.data()[written++] = static_cast<char>(bits >> held);
  }
  return (bits & ((1u << held) - 1)) == 0;
}

std::string encode_base32(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = ((bits << 8) | static_cast<unsigned char>(c)) & 0xfff;
    for (held += 8; held >= 5; held -= 5) text += alphabet[(bits >> (held - 5)) & 31];
  }
  if (held > 0) text += alphabet[(bits << (5 - held)) & 31];
  return text;
}

// The error in the format of a seed; empty: it has none. Reveals only its length and its kind.
std::string look_at(std::string_view seed) {
  if (seed.empty()) return "is empty";
  const std::string_view kind = kind_name(seed[0]);
  if (seed.size() == public_key_characters && !kind.empty()) {
    return concat("is the public key of ", kind, ", and not a seed (SU...)");
  }
  if (seed.size() == private_key_characters && seed[0] == 'P') {
    return "is a private key (P...), and not a seed (SU...)";
  }
  if (seed[0] != 'S') return "does not start with SU";
  if (seed.size() != seed_characters) {
    return concat("has ", std::to_string(seed.size()), " characters instead of 58");
  }
  const std::size_t bad = seed.find_first_not_of(alphabet);
  if (bad == seed.npos) return {};
  return concat("has at position ", std::to_string(bad + 1), " a character outside of A-Z and 2-7");
}

std::string check_bytes(std::string_view raw, std::string_view seed) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(raw[i]); };
  const int checksum = at(seed_bytes - 2) | at(seed_bytes - 1) << 8;
  if (crc16(raw.substr(0, seed_bytes - 2)) != checksum) return "has a wrong checksum: it is mistyped or cut";
  if ((at(0) & 0xf8) == seed_kind && ((at(0) & 7) << 5 | at(1) >> 3) == user_kind) return {};
  const std::string_view kind = kind_name(seed[1]);
  if (kind.empty() || seed[1] == 'U') return "is of an unknown kind, and not that of a user (SU...)";
  return concat("is that of ", kind, " (S", seed.substr(1, 1), "...), and not that of a user (SU...)");
}

std::string encode_public_key(std::string_view key) {
  std::string bytes = concat(std::string(1, static_cast<char>(user_kind)), key);
  const std::uint16_t checksum = crc16(bytes);
  bytes += static_cast<char>(checksum & 0xff);
  bytes += static_cast<char>(checksum >> 8);
  return encode_base32(bytes);
}

const unsigned char* unsigned_data(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

decoded_nkey refuse(std::string_view what) {
  return {{}, {client_error::nkey_malformed, concat("the NKey seed ", what)}};
}

}  // namespace

void nkey::release::operator()(evp_pkey_st* pair) const noexcept { EVP_PKEY_free(pair); }

std::string nkey::sign(std::string_view nonce) const {
  if (!pair_) return {};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, signature_bytes> signature;
  std::size_t size = signature.size();
  // Ed25519 signs in one step and takes no digest: both are nullptr (EVP_SIGNATURE-ED25519).
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, unsigned_data(nonce), nonce.size()) != 1) {
    return {};
  }
  return absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(signature.data()), size));
}

decoded_nkey decode_nkey(std::string_view seed) {
  if (const std::string wrong = look_at(seed); !wrong.empty()) return refuse(wrong);
  secret raw(seed_bytes);
  if (!decode_base32(seed, raw)) return refuse("has a wrong last character");
  if (const std::string wrong = check_bytes(raw.view(), seed); !wrong.empty()) return refuse(wrong);

  decoded_nkey out;
  out.key.pair_.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                                   unsigned_data(raw.view().substr(2)), key_bytes));
  std::array<unsigned char, key_bytes> key;
  std::size_t size = key.size();
  if (!out.key || EVP_PKEY_get_raw_public_key(out.key.pair_.get(), key.data(), &size) != 1) {
    return refuse("cannot be used: this OpenSSL offers no Ed25519");  // a FIPS provider alone does not
  }
  out.key.public_key_ = encode_public_key({reinterpret_cast<const char*>(key.data()), size});
  return out;
}

}  // namespace kvco::core
