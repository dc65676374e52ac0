// What a context and variables make of a config, and what they are refused for: core/context_config.cpp.
#include <gtest/gtest.h>
#include <kvco/core/nats_context.hpp>

#include <absl/strings/escaping.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;
using enum nats_setting;

constexpr std::string_view jwt_text = "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJVRExWVkdBQiJ9.c2lnbmF0dXJl";
constexpr std::string_view seed_text = "SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA";

std::string creds_text() {
  return "-----BEGIN NATS USER JWT-----\n" + std::string(jwt_text) +
         "\n------END NATS USER JWT------\n-----BEGIN USER NKEY SEED-----\n" + std::string(seed_text) +
         "\n------END USER NKEY SEED------\n";
}

std::string data_uri(std::string_view text) {
  return "data:;base64," + absl::Base64Escape(absl::string_view(text.data(), text.size()));
}

std::optional<std::string> lookup(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> values = {
      {"HOME", "/h"},
      {"DIR", "/d"},
      {"CREDS", creds_text()},
      {"SEED", std::string(seed_text) + "\n"},
      {"JWT", std::string(jwt_text)},
      {"PASS", "from env\n"},
      {"BAD", "SECRET"},
      {"EMPTY", ""}};
  const auto found = values.find(name);
  if (found == values.end()) return {};
  return found->second;
}

using list = std::vector<std::pair<nats_setting, std::string_view>>;

made_config make(const list& values) {
  nats_settings settings;
  for (const auto& [s, value] : values) {
    settings[s] = {std::string(value), "SOURCE" + std::to_string(static_cast<int>(s))};
  }
  return make_config(settings, lookup);
}

config good(const list& values) {
  const made_config got = make(values);
  EXPECT_FALSE(got.refused) << got.refused.detail;
  return got.value;
}

TEST(context_config, without_anything_is_the_default) {
  const config c = good({});
  EXPECT_EQ(c.urls(), config().urls());
  EXPECT_EQ(c.timeout(), config().timeout());
  EXPECT_TRUE(c.tls().verify());
}

TEST(context_config, takes_servers_names_and_times) {
  const config c = good({{url, "a,b:2"}, {inbox_prefix, "_I.x"}, {domain, "hub"}, {timeout, "1m30s"}});
  EXPECT_EQ(c.urls(), "a,b:2");
  EXPECT_EQ(c.inbox_prefix(), "_I.x");
  EXPECT_EQ(c.domain(), "hub");
  EXPECT_EQ(c.timeout(), 90s);
}

TEST(context_config, takes_the_domain_from_an_api_prefix) {
  EXPECT_EQ(good({{api_prefix, "$JS.hub.API"}}).domain(), "hub");
  EXPECT_EQ(good({{api_prefix, "$JS.API"}}).domain(), "");
  EXPECT_EQ(good({{api_prefix, "$JS.API"}, {domain, "hub"}}).domain(), "hub");
  EXPECT_EQ(good({{api_prefix, "$JS.hub.API"}, {domain, "hub"}}).domain(), "hub");
  EXPECT_EQ(good({{api_prefix, "$JS.hub.API"}}).api_prefix(), "");
}

TEST(context_config, takes_any_other_api_prefix_as_it_is) {
  EXPECT_EQ(good({{api_prefix, "from.other"}}).api_prefix(), "from.other");
  EXPECT_EQ(good({{api_prefix, "from.other"}}).domain(), "");
}

TEST(context_config, takes_tls) {
  const config c =
      good({{ca, "~/ca.pem"}, {cert, "$DIR/c.pem"}, {key, "file:///k.pem"}, {tls_first, "true"}});
  EXPECT_EQ(c.tls().ca_file(), "/h/ca.pem");
  EXPECT_EQ(c.tls().certificate_file(), "/d/c.pem");
  EXPECT_EQ(c.tls().key_file(), "/k.pem");
  EXPECT_TRUE(c.tls().handshake_first());
}

TEST(context_config, takes_one_kind_of_credentials) {
  EXPECT_EQ(good({{user, "u"}, {password, "p:w"}}).user(), "u");
  EXPECT_EQ(good({{user, "u"}, {password, "p:w"}}).password(), "p:w");
  EXPECT_EQ(good({{user, "u"}}).password(), "");
  EXPECT_EQ(good({{token, "http://t"}}).token(), "http://t") << "an unknown scheme is none";
  EXPECT_EQ(good({{creds, "~/a.creds"}}).credentials_file(), "/h/a.creds");
  EXPECT_EQ(good({{creds, "FILE://~/a.creds"}}).credentials_file(), "/h/a.creds");
  EXPECT_EQ(good({{nkey, "./a.nk"}}).nkey_seed_file(), "./a.nk");
  const config both = good({{jwt, jwt_text}, {seed, seed_text}});
  EXPECT_EQ(both.jwt(), jwt_text);
  EXPECT_EQ(both.jwt_seed(), seed_text);
  EXPECT_EQ(good({{jwt, jwt_text}}).jwt_seed(), "") << "a bearer JWT";
}

TEST(context_config, takes_credentials_from_variables_and_data) {
  EXPECT_EQ(good({{user, "u"}, {password, "env://PASS"}}).password(), "from env");
  EXPECT_EQ(good({{token, "ENV://PASS"}}).token(), "from env");
  EXPECT_EQ(good({{token, data_uri("in data\r\n")}}).token(), "in data");
  EXPECT_EQ(good({{nkey, "env://SEED"}}).nkey_seed(), seed_text);
  EXPECT_EQ(good({{nkey, data_uri(std::string(seed_text) + "\n")}}).nkey_seed(), seed_text);
  EXPECT_EQ(good({{jwt, "env://JWT"}, {seed, "env://SEED"}}).jwt_seed(), seed_text);
  for (const std::string& uri : {std::string("env://CREDS"), data_uri(creds_text())}) {
    const config c = good({{creds, uri}});
    EXPECT_EQ(c.jwt(), jwt_text);
    EXPECT_EQ(c.jwt_seed(), seed_text);
    EXPECT_EQ(c.credentials_file(), "");
  }
}

struct refused_case {
  list values;
  client_error code;
  std::string_view detail;
};

TEST(context_config, is_refused_by_source_and_rule) {
  using enum client_error;
  const refused_case cases[] = {
      {{{user, "u"}, {token, "t"}}, options_conflict, "SOURCE1 and SOURCE3 are both set"},
      {{{creds, "c"}, {nkey, "n"}}, options_conflict, "SOURCE4 and SOURCE5 are both set"},
      {{{user, "u"}, {jwt, "j"}}, options_conflict, "SOURCE1 and SOURCE6 are both set"},
      {{{password, "SECRET"}}, options_conflict, "SOURCE2 is set without a user"},
      {{{token, "t"}, {password, "SECRET"}}, options_conflict, "SOURCE2 is set without a user"},
      {{{seed, seed_text}}, options_conflict, "SOURCE7 is set without a JWT"},
      {{{cert, "c"}}, options_conflict, "SOURCE8 is set without the certificate's private key"},
      {{{key, "k"}}, options_conflict, "SOURCE9 is set without the private key's certificate"},
      {{{domain, "a"}, {api_prefix, "$JS.b.API"}}, options_conflict, "SOURCE13 and SOURCE14 differ"},
      {{{socks_proxy, "socks5://u:SECRET@h"}}, context_unsupported, "SOURCE16 asks for a SOCKS proxy"},
      {{{nsc, "nsc://o/a/u"}},
       context_unsupported,
       "SOURCE17 asks for the program nsc; write a .creds file instead"},
      {{{windows_store, "user"}}, context_unsupported, "SOURCE18 asks for a store of Windows"},
      {{{domain, "a"}, {api_prefix, "from.other"}}, options_conflict, "SOURCE13 and SOURCE14 differ"},
      {{{creds, "op://SECRET"}}, context_unsupported, "SOURCE4 must be a path, file://, env:// or data:"},
      {{{nkey, "nsc://SECRET"}}, context_unsupported, "SOURCE5 must be a path, file://, env:// or data:"},
      {{{token, "op://SECRET"}}, context_unsupported, "SOURCE3 must be the value itself, env:// or data:"},
      {{{jwt, "file://SECRET"}}, context_unsupported, "SOURCE6 must be the value itself, env:// or data:"},
      {{{ca, "env://CA"}}, context_unsupported, "SOURCE10 must be the path of a file, and is a URI"},
      {{{creds, "env://NO"}}, setting_out_of_range, "SOURCE4 names a variable (env://) that is not set"},
      {{{creds, "env://"}}, setting_out_of_range, "SOURCE4 names a variable (env://) that is not set"},
      {{{token, "env://EMPTY"}}, setting_out_of_range, "SOURCE3 names a variable (env://) that is not set"},
      {{{nkey, "data:SECRET"}}, setting_out_of_range, "SOURCE5 is a data: URI without \";base64,\""},
      {{{nkey, "data:;base64,SECRET!"}},
       setting_out_of_range,
       "SOURCE5 is a data: URI whose base64 is malformed"},
      {{{creds, "$NO/c"}}, setting_out_of_range, "SOURCE4 has the variable \"NO\", which is not set"},
      {{{ca, "file://"}}, setting_out_of_range, "SOURCE10 is an empty path"},
      {{{creds, "env://BAD"}}, credentials_malformed, "SOURCE4: the block NATS USER JWT is missing"},
      {{{nkey, "env://BAD"}},
       credentials_malformed,
       "SOURCE5: the text has no line with the seed of a user (SU...)"},
      {{{nats_setting::timeout, "5"}},
       setting_out_of_range,
       "SOURCE15 must be a duration of more than 0, as 5s, 500ms or 1m30s"},
      {{{nats_setting::timeout, "0"}},
       setting_out_of_range,
       "SOURCE15 must be a duration of more than 0, as 5s, 500ms or 1m30s"},
      {{{inbox_prefix, "a.>"}},
       setting_out_of_range,
       "inbox_prefix must be a subject without wildcards of at most 128 bytes, not \"a.>\""},
      {{{jwt, "SECRET"}}, credentials_malformed, "jwt must be three parts of base64url with dots between"},
      {{{jwt, jwt_text}, {seed, "SECRET"}},
       nkey_malformed,
       "jwt: the NKey seed has 6 characters instead of 58"},
      {{{token, "SECRET\nSECRET"}}, setting_out_of_range, "token must not contain control characters"},
  };
  for (const refused_case& c : cases) {
    const made_config got = make(c.values);
    EXPECT_EQ(got.refused.code, c.code) << c.detail;
    EXPECT_EQ(got.refused.code, errc::invalid_argument) << c.detail;
    EXPECT_EQ(got.refused.detail, c.detail);
    EXPECT_EQ(got.value.urls(), config().urls()) << "nothing of what is refused is taken";
  }
}

}  // namespace
}  // namespace kvco::core
