// Seeds are decoded, sign and are refused: core/nkey.cpp.
#include <gtest/gtest.h>
#include <kvco/core/nkey.hpp>

#include <absl/strings/escaping.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <set>
#include <string>

namespace kvco::core {
namespace {

// The key pairs of RFC 8032, section 7.1, as NKeys; the signatures are those of the RFC. Put into base32 and
// base64url by Python's standard library.
struct vector {
  std::string_view seed, public_key, message, signature;
};
constexpr std::string_view sha_abc =
    "\xdd\xaf\x35\xa1\x93\x61\x7a\xba\xcc\x41\x73\x49\xae\x20\x41\x31\x12\xe6\xfa\x4e\x89\xa9\x7e\xa2"
    "\x0a\x9e\xee\xe6\x4b\x55\xd3\x9a\x21\x92\x99\x2a\x27\x4f\xc1\xa8\x36\xba\x3c\x23\xa3\xfe\xeb\xbd"
    "\x45\x4d\x44\x23\x64\x3c\xe8\x0e\x2a\x9a\xc9\x4f\xa5\x4c\xa4\x9f";
constexpr vector vectors[] = {
    {"SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA",
     "UDLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRUVAL", "",
     "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw"},
    {"SUAEZTIITMUP7FW2TW3MGRXMCFHA6W4KGGPTLK5GETNIZ5XNJ64KN63OVI",
     "UA6UAF6D5BBYSWUSW4FKOTI3P26JZGBMZ4XMJFUMYDGVL4JK6RTAYUDN", "\x72",
     "kqAJqfDUyrhyDoILX2QlQKKye1QWUD-Ps3YiI-vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA"},
    {"SUAMLKUN6Q7Z7A335W3UILZR3S33CZWTQU2QO3YJJOC44OROBNCFR54NIM",
     "UD6FDTMOMIMKDI4NUR7NAARQ6BMAQFXNCO5DGA5MLXVZCFKISCACL4HR", "\xaf\x82",
     "YpHWV97sJAJIJ-acOr4BowzlSKKEdDpEXjaA19taw6wY_5tTjRbykK5n92CYTcZZSnwV6XFu0o3AJ77O6h7ECg"},
    {"SUAIGP7GEQESG645MLWHOWDVECIR5GTVTTWB2GLVLN62SANZNXFD2QS53U",
     "UDWBOK4TVVPFMO7USMWHBYJEKA2MGVDH54XP2TLE5P4BS2BUM7RL7Q7A", sha_abc,
     "3CpEWec2ljOlKxvyd4OaACAQCaPvvz7Lab6iGGwmtYkJNR_JrJCz7P37x8ZkMeAwPcoXnBOKwXrZvvEXczGnBA"},
};

TEST(nkey, gives_the_public_key_and_signatures_of_rfc_8032) {
  for (const vector& v : vectors) {
    const decoded_nkey got = decode_nkey(v.seed);
    ASSERT_FALSE(got.refused) << got.refused.detail;
    EXPECT_TRUE(got.key);
    EXPECT_EQ(got.key.public_key(), v.public_key);
    EXPECT_EQ(got.key.sign(v.message), v.signature);
    EXPECT_EQ(got.key.sign(v.message), v.signature) << "signing again";
  }
}

// As a server does it: from the texts in CONNECT alone.
bool verifies(std::string_view public_key_bytes, std::string_view signature, std::string_view nonce) {
  std::string raw;
  if (!absl::WebSafeBase64Unescape(absl::string_view(signature.data(), signature.size()), &raw)) return false;
  const auto* key = reinterpret_cast<const unsigned char*>(public_key_bytes.data());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key, public_key_bytes.size()), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EXPECT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()), 1);
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(raw.data()), raw.size(),
                          reinterpret_cast<const unsigned char*>(nonce.data()), nonce.size()) == 1;
}

TEST(nkey, signs_a_nonce_so_that_openssl_verifies_it) {
  const std::string public_key(
      "\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a"
      "\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a",
      32);
  const decoded_nkey got = decode_nkey(vectors[0].seed);
  for (const std::string_view nonce : {"PXoWU7zWAMt75FY", "", "a much longer nonce than any server sends"}) {
    const std::string signature = got.key.sign(nonce);
    EXPECT_EQ(signature.size(), 86u);
    EXPECT_EQ(signature.find_first_of("+/="), std::string::npos) << "base64url without padding";
    EXPECT_TRUE(verifies(public_key, signature, nonce));
    EXPECT_FALSE(verifies(public_key, signature, "another"));
  }
}

TEST(nkey, that_holds_none_signs_nothing) {
  const nkey none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.public_key(), "");
  EXPECT_EQ(none.sign("nonce"), "");
}

TEST(nkey, moves) {
  nkey first = std::move(decode_nkey(vectors[0].seed).key);
  const nkey second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.sign(""), vectors[0].signature);
}

TEST(nkey, of_another_kind_or_form_is_refused) {
  struct refused_case {
    std::string_view seed, detail;
  };
  const refused_case cases[] = {
      {"", "is empty"},
      {"hello", "does not start with SU"},
      {"SUA", "has 3 characters instead of 58"},
      {" SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA", "does not start with SU"},
      {"SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA\n", "has 59 characters instead of 58"},
      {"SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALC=",
       "has at position 58 a character outside of A-Z and 2-7"},
      {"SUAj2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA",
       "has at position 4 a character outside of A-Z and 2-7"},
      {"SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCB", "has a wrong last character"},
      {"SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALEA",
       "has a wrong checksum: it is mistyped or cut"},
      {"SAAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YHY3Q",
       "is that of an account (SA...), and not that of a user (SU...)"},
      {"SOAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YFUVY",
       "is that of an operator (SO...), and not that of a user (SU...)"},
      {"SNAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YFXBM",
       "is that of a server (SN...), and not that of a user (SU...)"},
      {"SCAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YH2DI",
       "is that of a cluster (SC...), and not that of a user (SU...)"},
      {"SXAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YAIWU",
       "is that of a curve (x25519) key pair (SX...), and not that of a user (SU...)"},
      {"SQAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YBORQ",
       "is of an unknown kind, and not that of a user (SU...)"},
      {"UDLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRUVAL",
       "is the public key of a user, and not a seed (SU...)"},
      {"ADLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRVRTU",
       "is the public key of an account, and not a seed (SU...)"},
      {"PCOWDMM5576VUYF2QRFPJEXMFTCEISOFNF5TE2IZOA52YAY4VZ7WBV22TAAYFMIKW7KUX7WTZFSAOOQO4FZPHWVGEMS26AQ2ND3QO"
       "UI2"
       "TPMQ",
       "is a private key (P...), and not a seed (SU...)"},
  };
  for (const refused_case& c : cases) {
    const decoded_nkey got = decode_nkey(c.seed);
    EXPECT_EQ(got.refused.code, client_error::nkey_malformed) << c.seed;
    EXPECT_EQ(got.refused.code, errc::invalid_argument) << c.seed;
    EXPECT_EQ(got.refused.detail, "the NKey seed " + std::string(c.detail)) << c.seed;
    EXPECT_FALSE(got.key) << c.seed;
  }
}

// Every character, every position: one mistyped character never passes, and no refusal shows the seed.
TEST(nkey, with_any_one_character_changed_is_refused) {
  const std::string good(vectors[0].seed);
  std::set<std::string> details;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string seed = good;
      seed[i] = static_cast<char>(c);
      if (seed == good) continue;
      const detail::refusal got = decode_nkey(seed).refused;
      ASSERT_TRUE(got) << "position " << i << ", character " << c;
      details.insert(got.detail);
    }
  }
  for (const std::string& detail : details) {
    EXPECT_EQ(detail.find(good.substr(4, 8)), std::string::npos) << detail;
    EXPECT_LT(detail.size(), 120u);
  }
  EXPECT_LT(details.size(), 80u) << "the texts depend on a position and on a kind, on nothing else";
}

TEST(nkey, cut_short_anywhere_is_refused) {
  for (std::size_t size = 0; size < vectors[0].seed.size(); ++size) {
    EXPECT_TRUE(decode_nkey(vectors[0].seed.substr(0, size)).refused) << size;
  }
}

}  // namespace
}  // namespace kvco::core
