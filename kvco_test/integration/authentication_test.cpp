// Credentials of every kind against real servers: NKeys, .creds files, renewed ones - and refusals without secrets.
#include <gmock/gmock.h>

#include <fstream>
#include <kvco_test/support/connecting.hpp>
#include <kvco_test/support/nkeys_and_jwts.hpp>

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

/// An operator, an account with JetStream, and what a server must know of them.
struct organisation {
  key_pair keys{'O'}, account{'A'}, system{'A'};

  std::string server_config() const {
    const std::string limits =
        R"("nats":{"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,)"
        R"("leaf":-1,"mem_storage":-1,"disk_storage":-1,"streams":-1,"consumer":-1},"type":"account","version":2})";
    const std::string plain =
        R"("nats":{"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,)"
        R"("wildcards":true,"conn":-1,"leaf":-1},"type":"account","version":2})";
    return "operator: " + keys.jwt(keys.public_key(), R"("nats":{"type":"operator","version":2})") +
           "\nsystem_account: " + system.public_key() + "\nresolver: MEMORY\nresolver_preload: {\n  " +
           account.public_key() + ": " + keys.jwt(account.public_key(), limits) + "\n  " +
           system.public_key() + ": " + keys.jwt(system.public_key(), plain) + "\n}\n";
  }
  /// A user who may come for so long.
  std::string user_jwt(const key_pair& user, std::chrono::seconds life = 1h) const {
    return account.jwt(
        user.public_key(),
        "\"exp\":" + std::to_string(std::time(nullptr) + life.count()) +
            R"(,"nats":{"pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2})");
  }
};

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
    co_await until([&] { return nats.statistics().reconnects == 1; });
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    co_await nats.close();
  });
}

}  // namespace
}  // namespace kvco::test
