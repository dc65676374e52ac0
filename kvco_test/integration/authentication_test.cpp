// Credentials of every kind against real servers: NKeys, .creds files, renewed ones - and refusals without secrets.
#include <gmock/gmock.h>

#include <fstream>
#include <kvco_test/support/server/connecting.hpp>
#include <kvco_test/support/server/nkeys_and_jwts.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void expect_refused_without(const config& settings, errc meaning, const std::string& secret) {
  EXPECT_THAT(expect_refused(settings, meaning), Not(HasSubstr(secret)));
}

class authentication_test : public testing::TestWithParam<std::string> {};
KVCO_ON_ALL_GENERATIONS(authentication_test);

TEST_P(authentication_test, nkeys) {
  const key_pair mine('U'), other('U');
  const nats_server server(
      {.version = GetParam(),
       .extra_config = "authorization { users = [ { nkey: " + mine.public_key() + " } ] }"});
  expect_works(config(server.url()).nkey_seed(mine.seed()));
  expect_refused_without(config(server.url()).nkey_seed(other.seed()), errc::authentication_failed,
                         other.seed());
  expect_refused_without(config(server.url()), errc::authentication_failed, mine.seed());
  const auto file = server.folder() / "user.nk";
  write_file(file, mine.seed() + "\n");
  expect_works(config(server.url()).nkey_seed_file(file.string()));
  write_file(file, mine.seed().substr(1));
  expect_refused_without(config(server.url()).nkey_seed_file(file.string()), errc::invalid_argument,
                         mine.seed().substr(1));
  expect_refused(config(server.url()).nkey_seed_file("/no/such.nk"), errc::invalid_argument, "/no/such.nk");
}

/// A claim, and a comma.
std::string expires_in(std::chrono::seconds life) {
  return "\"exp\":" + std::to_string(std::time(nullptr) + life.count()) + ",";
}

/// An operator, an account with JetStream, and what a server must know of them.
struct organisation {
  key_pair keys{'O'}, account{'A'}, system{'A'};
  // A server that reloads its configuration takes no other one.
  std::string own_jwt = keys.jwt(keys.public_key(), R"("nats":{"type":"operator","version":2})");

  /// @param more  further claims of the account, in front of "nats"  @param more_nats  within it
  std::string server_config(const std::string& more = {}, const std::string& more_nats = {}) const {
    const std::string limits =
        more +
        R"("nats":{"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,)"
        R"("leaf":-1,"mem_storage":-1,"disk_storage":-1,"streams":-1,"consumer":-1},)" +
        more_nats + R"("type":"account","version":2})";
    const std::string plain =
        R"("nats":{"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,)"
        R"("wildcards":true,"conn":-1,"leaf":-1},"type":"account","version":2})";
    return "operator: " + own_jwt + "\nsystem_account: " + system.public_key() +
           "\nresolver: MEMORY\nresolver_preload: {\n  " + account.public_key() + ": " +
           keys.jwt(account.public_key(), limits) + "\n  " + system.public_key() + ": " +
           keys.jwt(system.public_key(), plain) + "\n}\n";
  }
  /// A user who may come for so long.
  std::string user_jwt(const key_pair& user, std::chrono::seconds life = 1h) const {
    return account.jwt(
        user.public_key(),
        expires_in(life) +
            R"("nats":{"pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2})");
  }
};

// fault: 37
TEST_P(authentication_test, credentials_files) {
  const organisation org;
  const key_pair user('U'), stranger('U');
  const nats_server server({.version = GetParam(), .extra_config = org.server_config()});
  const auto file = server.folder() / "user.creds";
  const config by_file = config(server.url()).credentials_file(file.string());
  write_file(file, creds_text(org.user_jwt(user), user.seed()));
  expect_works(by_file);
  expect_works(config(server.url()).jwt(org.user_jwt(user), user.seed()));
  // The seed of somebody else, a file without a seed, and none.
  write_file(file, creds_text(org.user_jwt(user), stranger.seed()));
  expect_refused_without(by_file, errc::authentication_failed, stranger.seed());
  const std::string jwt = org.user_jwt(user);
  write_file(file, "-----BEGIN NATS USER JWT-----\n" + jwt + "\n------END NATS USER JWT------\n");
  expect_refused_without(by_file, errc::invalid_argument, jwt);
  expect_refused(config(server.url()).credentials_file("/no/such.creds"), errc::invalid_argument,
                 "/no/such.creds");
}

// A JWT ends while the client is connected: the server says so, and the next attempt reads the file anew.
// fault: 36, 37
TEST_P(authentication_test, expired_credentials_are_read_anew) {
  const organisation org;
  const key_pair user('U');
  const nats_server server({.version = GetParam(), .extra_config = org.server_config()});
  const auto file = server.folder() / "user.creds";
  write_file(file, creds_text(org.user_jwt(user, 3s), user.seed()));
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()).credentials_file(file.string()));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    write_file(file, creds_text(org.user_jwt(user), user.seed()));
    co_await until([&] { return nats.statistics().reconnects >= 1; });
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    co_await nats.close();
  });
}

/// A function of config::credentials() that gives what the test puts in its place, after a turn of the reactor.
struct vault {
  std::function<credentials()> holds;
  std::vector<std::size_t> asked;  // the refusals of each request

  config open(const std::string& url) {
    return config(url).credentials([this](credentials_request request) -> asio::awaitable<credentials> {
      asked.push_back(request.refusals());
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
      co_return holds();
    });
  }
};

TEST_P(authentication_test, a_function_gives_user_and_password_or_token) {
  for (const bool token : {false, true}) {
    const std::string rule = token ? "token: \"open sesame\"" : "user: ann, password: \"open sesame\"";
    const nats_server server({.version = GetParam(), .extra_config = "authorization { " + rule + " }"});
    const auto show = [token](std::string_view secret) {
      return token ? credentials::token(secret) : credentials::user("ann", secret);
    };
    vault safe{[&] { return show("open sesame"); }, {}};
    expect_works(safe.open(server.url()));
    safe.holds = [&] { return show("open barley"); };
    expect_refused_without(safe.open(server.url()), errc::authentication_failed, "open barley");
    safe.holds = [] { return credentials(); };
    expect_refused(safe.open(server.url()), errc::authentication_failed);
  }
}

TEST_P(authentication_test, a_function_gives_nkeys) {
  const key_pair mine('U'), other('U');
  const nats_server server(
      {.version = GetParam(),
       .extra_config = "authorization { users = [ { nkey: " + mine.public_key() + " } ] }"});
  vault safe{[&] { return credentials::nkey(mine.seed()); }, {}};
  expect_works(safe.open(server.url()));
  safe.holds = [&] { return credentials::nkey(other.seed()); };
  expect_refused_without(safe.open(server.url()), errc::authentication_failed, other.seed());
  safe.holds = [&] { return credentials::nkey(mine.seed().substr(1)); };
  expect_refused_without(safe.open(server.url()), errc::invalid_argument, mine.seed().substr(1));
}

TEST_P(authentication_test, a_function_gives_jwts) {
  const organisation org;
  const key_pair user('U'), stranger('U');
  const nats_server server({.version = GetParam(), .extra_config = org.server_config()});
  vault safe{[&] { return credentials::jwt(org.user_jwt(user), user.seed()); }, {}};
  expect_works(safe.open(server.url()));
  safe.holds = [&] { return credentials::creds(creds_text(org.user_jwt(user), user.seed())); };
  expect_works(safe.open(server.url()));
  safe.holds = [&] { return credentials::jwt(org.user_jwt(user), stranger.seed()); };
  expect_refused_without(safe.open(server.url()), errc::authentication_failed, stranger.seed());
}

// The server says that the JWT has expired, and the function is asked for a fresh one.
// fault: 36
TEST_P(authentication_test, a_function_renews_an_expired_jwt) {
  const organisation org;
  const key_pair user('U');
  const nats_server server({.version = GetParam(), .extra_config = org.server_config()});
  vault safe{
      [&] { return credentials::jwt(org.user_jwt(user, safe.asked.size() < 3 ? 3s : 1h), user.seed()); }, {}};
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(safe.open(server.url()));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    co_await until([&] { return nats.statistics().reconnects >= 2; });
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    EXPECT_EQ(safe.asked.size(), 3u);
    co_await nats.close();
  });
}

// The account has ended every JWT of the user so far.
// fault: 36
TEST_P(authentication_test, a_function_renews_a_revoked_jwt) {
  const organisation org;
  const key_pair old_user('U'), new_user('U');
  nats_server server({.version = GetParam(), .extra_config = org.server_config()});
  vault safe{[&] {
               const key_pair& user = safe.asked.size() < 2 ? old_user : new_user;
               return credentials::jwt(org.user_jwt(user), user.seed());
             },
             {}};
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(safe.open(server.url()));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    server.reload(org.server_config({}, R"("revocations":{")" + old_user.public_key() +
                                            "\":" + std::to_string(std::time(nullptr) + 1) + "},"));
    co_await until([&] { return nats.statistics().reconnects >= 1; });
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    EXPECT_EQ(nats.statistics().authentication_failures, 1u);
    co_await nats.close();
  });
}

// The account of all ends, and is prolonged later. Nobody can come in meanwhile; with a function the client tries on.
// fault: 36
TEST_P(authentication_test, an_account_expires_and_is_prolonged) {
  const organisation org;
  const key_pair user('U');
  nats_server server({.version = GetParam(), .extra_config = org.server_config()});
  vault safe{[&] { return credentials::jwt(org.user_jwt(user), user.seed()); }, {}};
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(safe.open(server.url()).reconnect([](auto& reconnect) {
      reconnect.initial_delay(5ms).max_delay(50ms);
    }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    server.reload(org.server_config(expires_in(2s)));
    co_await until([&] { return nats.statistics().authentication_failures >= 3; });
    EXPECT_FALSE(nats.is_connected());
    server.reload(org.server_config(expires_in(1h)));
    // With 2.9 and 2.10 nobody answers for the account's streams after that, until the server starts again.
    if (GetParam() != "newest") server.restart();
    co_await until([&] { return nats.is_connected(); });
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    co_await nats.close();
  });
}

std::string with_password(const std::string& password) {
  return "authorization { user: ann, password: \"" + password + "\" }";
}

// The password is changed while the client is connected. The function gives the old one twice more.
// fault: 35
TEST_P(authentication_test, a_changed_password_is_asked_for) {
  nats_server server({.version = GetParam(), .extra_config = with_password("old")});
  vault safe{[&] { return credentials::user("ann", safe.asked.back() < 2 ? "old" : "new"); }, {}};
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(safe.open(server.url()));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    server.reload(with_password("new"));
    co_await until([&] { return nats.statistics().reconnects >= 1; });
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    EXPECT_THAT(safe.asked, testing::ElementsAre(0, 0, 1, 2));
    co_await nats.close();
  });
}

// fault: 35
TEST_P(authentication_test, a_changed_password_ends_a_client_that_knows_only_the_old_one) {
  nats_server server({.version = GetParam(), .extra_config = with_password("old")});
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()).user("ann", "old"));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    server.reload(with_password("new"));
    auto [code, end] = co_await updates.next(nothrow);
    EXPECT_EQ(code, errc::authentication_failed) << code.message();
    EXPECT_THAT(error_detail(), Not(HasSubstr("old")));
    auto [refused, rev] = co_await b.put("k", "v", nothrow);
    EXPECT_EQ(refused, errc::closed) << refused.message();
  });
  EXPECT_THAT(server.log(), Not(HasSubstr("panic")));
}

}  // namespace
}  // namespace kvco::test
