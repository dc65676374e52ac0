// Context files and variables of the `nats` tool are read: core/nats_context.cpp, core/expand_path.cpp.
#include <gtest/gtest.h>
#include <kvco/core/expand_path.hpp>
#include <kvco/core/nats_context.hpp>

#include <map>
#include <string>

namespace kvco::core {
namespace {

variable_lookup variables(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return {};
    return found->second;
  };
}

// As `nats context add` writes one: every field, most of them empty.
constexpr std::string_view written_by_the_tool = R"({
  "description": "the shop",
  "url": "nats://a:1,nats://b:2",
  "socks_proxy": "",
  "token": "",
  "user": "",
  "password": "",
  "creds": "/etc/shop.creds",
  "nkey": "",
  "cert": "",
  "key": "",
  "ca": "",
  "nsc": "",
  "jetstream_domain": "hub",
  "jetstream_api_prefix": "",
  "jetstream_event_prefix": "",
  "inbox_prefix": "_INBOX.shop",
  "user_jwt": "",
  "user_seed": "",
  "color_scheme": "red",
  "tls_first": true,
  "windows_cert_store": "",
  "windows_cert_match_by": "",
  "windows_cert_match": "",
  "windows_ca_certs_match": null
})";

TEST(nats_context, is_read_as_the_tool_writes_it) {
  const read_settings got = read_context(written_by_the_tool, "/c/shop.json");
  ASSERT_FALSE(got.refused) << got.refused.detail;
  EXPECT_EQ(got.settings[nats_setting::url].value, "nats://a:1,nats://b:2");
  EXPECT_EQ(got.settings[nats_setting::creds].value, "/etc/shop.creds");
  EXPECT_EQ(got.settings[nats_setting::creds].source, R"("creds" in "/c/shop.json")");
  EXPECT_EQ(got.settings[nats_setting::domain].value, "hub");
  EXPECT_EQ(got.settings[nats_setting::inbox_prefix].value, "_INBOX.shop");
  EXPECT_EQ(got.settings[nats_setting::tls_first].value, "true");
  EXPECT_FALSE(got.settings[nats_setting::user]);
  EXPECT_FALSE(got.settings[nats_setting::socks_proxy]);
}

TEST(nats_context, every_field_arrives) {
  const read_settings got = read_context(
      R"({"url":"1","user":"2","password":"3","token":"4","creds":"5","nkey":"6","user_jwt":"7","user_seed":"8",
          "cert":"9","key":"10","ca":"11","inbox_prefix":"12","jetstream_domain":"13","jetstream_api_prefix":"14",
          "socks_proxy":"15","nsc":"16","windows_cert_store":"17","tls_first":false,"a new one":{"x":[1]}})",
      "f");
  ASSERT_FALSE(got.refused) << got.refused.detail;
  using enum nats_setting;
  int number = 0;
  for (const nats_setting s : {url, user, password, token, creds, nkey, jwt, seed, cert, key, ca,
                               inbox_prefix, domain, api_prefix, socks_proxy, nsc, windows_store}) {
    EXPECT_EQ(got.settings[s].value, std::to_string(++number));
  }
  EXPECT_FALSE(got.settings[tls_first]);
}

TEST(nats_context, that_cannot_be_read_is_refused_with_its_file_and_field) {
  struct refused_case {
    std::string_view json, detail;
  };
  const refused_case cases[] = {
      {"", R"("f.json" is no JSON object)"},
      {"SECRET", R"("f.json" is no JSON object)"},
      {"[]", R"("f.json" is no JSON object)"},
      {R"({"user":"SECRET")", R"("f.json" is no JSON object)"},
      {R"({"password":5})", R"("password" in "f.json" must be a string)"},
      {R"({"url":["a"]})", R"("url" in "f.json" must be a string)"},
      {R"({"tls_first":"yes"})", R"("tls_first" in "f.json" must be true or false)"},
  };
  for (const refused_case& c : cases) {
    const read_settings got = read_context(c.json, "f.json");
    EXPECT_EQ(got.refused.code, client_error::context_malformed) << c.json;
    EXPECT_EQ(got.refused.detail, c.detail);
  }
  EXPECT_FALSE(read_context(R"({"url":null,"tls_first":null})", "f").refused) << "null is the default";
}

TEST(nats_variables, are_read) {
  const read_settings got = read_variables(variables({{"NATS_URL", "u"},
                                                      {"NATS_USER", "me"},
                                                      {"NATS_PASSWORD", "p"},
                                                      {"NATS_CREDS", "c"},
                                                      {"NATS_NKEY", "n"},
                                                      {"NATS_JWT", "j"},
                                                      {"NATS_SEED", "s"},
                                                      {"NATS_CERT", "x"},
                                                      {"NATS_KEY", "k"},
                                                      {"NATS_CA", "a"},
                                                      {"NATS_TIMEOUT", "3s"},
                                                      {"NATS_TOKEN", ""},
                                                      {"NATS_SOCKS_PROXY", "none"}}));
  ASSERT_FALSE(got.refused);
  using enum nats_setting;
  std::string all;
  for (const nats_setting s : {url, user, password, token, creds, nkey, jwt, seed, cert, key, ca, timeout}) {
    all += got.settings[s].value + ",";
  }
  EXPECT_EQ(all, "u,me,p,,c,n,j,s,x,k,a,3s,");
  EXPECT_EQ(got.settings[creds].source, "NATS_CREDS");
}

TEST(nats_variables, a_user_without_a_password_is_a_token) {
  const read_settings got = read_variables(variables({{"NATS_USER", "t"}, {"NATS_PASSWORD", ""}}));
  EXPECT_FALSE(got.settings[nats_setting::user]);
  EXPECT_EQ(got.settings[nats_setting::token].value, "t");
  EXPECT_EQ(got.settings[nats_setting::token].source, "NATS_USER");
  const read_settings both = read_variables(variables({{"NATS_USER", "SECRET"}, {"NATS_TOKEN", "SECRET"}}));
  EXPECT_EQ(both.refused.code, client_error::options_conflict);
  EXPECT_EQ(both.refused.detail,
            "NATS_TOKEN and NATS_USER are both set, and without NATS_PASSWORD the user is a token, too");
}

nats_settings settings(std::initializer_list<std::pair<nats_setting, std::string_view>> values) {
  nats_settings out;
  for (const auto& [s, value] : values) out[s] = {std::string(value), "s"};
  return out;
}

TEST(overlay, takes_the_upper_value_where_there_is_one) {
  using enum nats_setting;
  const nats_settings got = overlay(settings({{url, "low"}, {ca, "low"}, {user, "low"}, {password, "low"}}),
                                    settings({{url, "high"}, {cert, "high"}}));
  EXPECT_EQ(got[url].value, "high");
  EXPECT_EQ(got[cert].value, "high");
  EXPECT_EQ(got[ca].value, "low");
  EXPECT_EQ(got[user].value, "low");
  EXPECT_EQ(got[password].value, "low");
}

TEST(overlay, replaces_credentials_of_every_kind) {
  using enum nats_setting;
  const nats_settings low = settings({{user, "l"},
                                      {password, "l"},
                                      {token, "l"},
                                      {creds, "l"},
                                      {nkey, "l"},
                                      {jwt, "l"},
                                      {seed, "l"},
                                      {nsc, "l"}});
  for (const nats_setting kind : {user, token, creds, nkey, jwt}) {
    const nats_settings got = overlay(low, settings({{kind, "h"}}));
    for (const nats_setting s : {user, password, token, creds, nkey, jwt, seed, nsc}) {
      EXPECT_EQ(got[s].value, s == kind ? "h" : "");
    }
  }
  const nats_settings completed = overlay(settings({{user, "l"}}), settings({{password, "h"}}));
  EXPECT_EQ(completed[user].value + completed[password].value, "lh");
}

TEST(overlay, takes_a_proxy_away) {
  using enum nats_setting;
  for (const std::string_view none : {"none", "NONE", "-"}) {
    EXPECT_FALSE(overlay(settings({{socks_proxy, "p"}}), settings({{socks_proxy, none}}))[socks_proxy]);
  }
  EXPECT_EQ(overlay(settings({{socks_proxy, "p"}}), {})[socks_proxy].value, "p");
}

TEST(context_files, are_below_the_users_configuration) {
  const variable_lookup both = variables({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}, {"D", "/d"}});
  const variable_lookup home = variables({{"XDG_CONFIG_HOME", ""}, {"HOME", "/h"}});
  EXPECT_EQ(nats_directory(both).path, "/x/nats");
  EXPECT_EQ(nats_directory(home).path, "/h/.config/nats");
  EXPECT_EQ(nats_directory(variables({})).refused.detail, "neither XDG_CONFIG_HOME nor HOME is set");
  EXPECT_EQ(context_file("shop", both).path, "/x/nats/context/shop.json");
  EXPECT_EQ(context_file("a.b", home).path, "/h/.config/nats/context/a.b.json");
  EXPECT_EQ(context_file("shop.json", both).path, "/x/nats/context/shop.json.json");
  EXPECT_EQ(context_file("./shop.json", both).path, "./shop.json");
  EXPECT_EQ(context_file("~/shop.json", both).path, "/h/shop.json");
  EXPECT_EQ(context_file("$D/../shop.json", both).path, "/d/../shop.json");
  EXPECT_TRUE(context_file("shop", variables({})).refused);
}

TEST(context_files, are_not_reached_by_a_name_that_is_none) {
  const variable_lookup home = variables({{"HOME", "/h"}});
  for (const std::string_view name :
       {std::string_view(""), std::string_view(".."), std::string_view("../a"), std::string_view("a..b"),
        std::string_view("a/b"), std::string_view("a\\b"), std::string_view("a\0b", 3),
        std::string_view("$NO/a.json")}) {
    const located_path got = context_file(name, home);
    EXPECT_EQ(got.refused.code, client_error::context_not_found) << name;
    EXPECT_EQ(got.refused.code, errc::invalid_argument);
    EXPECT_EQ(got.path, "");
  }
  EXPECT_EQ(
      context_file("a/b", home).refused.detail,
      "the context \"a/b\" must not have a '/' or '\\' in its name, unless it is the path of a .json file");
}

TEST(context_files, the_selected_name_is_trimmed) {
  EXPECT_EQ(selected_context("shop\n"), "shop");
  EXPECT_EQ(selected_context(" \r\n shop \t\r\n"), "shop");
  EXPECT_EQ(selected_context(" \n"), "");
  EXPECT_EQ(selected_context(""), "");
}

TEST(expand_path, replaces_home_and_variables) {
  const variable_lookup v = variables({{"HOME", "/h"}, {"A", "/a"}, {"B_2", "b"}, {"EMPTY", ""}});
  struct path_case {
    std::string_view path, result;
  };
  for (const path_case& c : std::initializer_list<path_case>{{"", ""},
                                                             {"/x/y", "/x/y"},
                                                             {"~", "/h"},
                                                             {"~/x", "/h/x"},
                                                             {"~x/y", "~x/y"},
                                                             {"/x/~", "/x/~"},
                                                             {"$A/$B_2", "/a/b"},
                                                             {"${A}x${B_2}", "/axb"},
                                                             {"$HOME/x", "/h/x"}}) {
    const expanded_path got = expand_path(c.path, v);
    EXPECT_EQ(got.wrong, "") << c.path;
    EXPECT_EQ(got.path, c.result) << c.path;
  }
  EXPECT_EQ(expand_path("$NO/x", v).wrong, "has the variable \"NO\", which is not set");
  EXPECT_EQ(expand_path("$EMPTY/x", v).wrong, "has the variable \"EMPTY\", which is not set");
  EXPECT_EQ(expand_path("x$", v).wrong, "has a '$' without the name of a variable");
  EXPECT_EQ(expand_path("${A", v).wrong, "has a '$' without the name of a variable");
  EXPECT_EQ(expand_path("${}", v).wrong, "has a '$' without the name of a variable");
  EXPECT_EQ(expand_path("~/x", variables({})).wrong, "starts with '~', and HOME is not set");
}

}  // namespace
}  // namespace kvco::core
