// The server fixture and the raw client, against every server generation: what the integration tests stand on.
#include <kvco_test/support/server/nats_server.hpp>
#include <kvco_test/support/server/raw_client.hpp>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class nats_server_test : public testing::TestWithParam<std::string> {
 protected:
  server_options options() const { return {.version = GetParam()}; }
};

INSTANTIATE_TEST_SUITE_P(generations, nats_server_test, testing::ValuesIn(server_generations()),
                         generation_name{});

constexpr const char* stream = R"({"name":"S","subjects":["s.>"]})";

TEST_P(nats_server_test, is_of_the_asked_generation) {
  nats_server server(options());
  if (GetParam() == "newest") {
    EXPECT_GE(std::stoi(server.version().substr(server.version().find('.') + 1)), 15);
  } else {
    EXPECT_THAT(server.version(), StartsWith(GetParam() + "."));
  }
  EXPECT_EQ(server.url(), "nats://127.0.0.1:" + std::to_string(server.port()));
}

TEST_P(nats_server_test, carries_messages_between_clients) {
  nats_server server(options());
  raw_client receiver(server.port());
  raw_client sender(server.port());
  const std::string sid = receiver.subscribe("a.*");
  receiver.flush();
  const std::string large(300'000, 'x');
  sender.publish("a.1", "one", "back");
  sender.publish("a.2", large, {}, "K: v\r\nOther:w\r\n");

  const raw_message one = receiver.next(sid);
  EXPECT_EQ(one.subject, "a.1");
  EXPECT_EQ(one.payload, "one");
  EXPECT_EQ(one.reply, "back");
  EXPECT_EQ(one.headers, "");
  const raw_message two = receiver.next(sid);
  EXPECT_EQ(two.payload, large);
  EXPECT_EQ(two.header("K"), "v");
  EXPECT_EQ(two.header("Other"), "w");
  EXPECT_EQ(two.status(), 0);
}

TEST_P(nats_server_test, answers_requests) {
  nats_server server(options());
  raw_client client(server.port());
  EXPECT_EQ(client.request("nobody.listens").status(), 503);
  EXPECT_THAT(client.request("$JS.API.STREAM.CREATE.S", stream).payload, HasSubstr("\"config\""));
  const std::string first = client.request("s.1", "v", "Nats-Msg-Id: 7\r\n").payload;
  EXPECT_THAT(first, HasSubstr("\"seq\":1"));
  EXPECT_THAT(client.request("s.1", "v", "Nats-Msg-Id: 7\r\n").payload, HasSubstr("duplicate"));
}

TEST_P(nats_server_test, has_no_jetstream_when_told_so) {
  server_options plain = options();
  plain.jetstream = false;
  nats_server server(plain);
  EXPECT_EQ(raw_client(server.port()).request("$JS.API.INFO").status(), 503);
}

TEST_P(nats_server_test, keeps_port_and_data_over_stop_and_kill) {
  nats_server server(options());
  const auto port = server.port();
  {
    raw_client client(port);
    client.request("$JS.API.STREAM.CREATE.S", stream);
    client.request("s.1", "kept");
  }
  server.restart();
  EXPECT_EQ(server.port(), port);
  EXPECT_THAT(raw_client(port).request("s.2", "two").payload, HasSubstr("\"seq\":2"));
  server.kill();
  EXPECT_FALSE(server.running());
  EXPECT_THROW(raw_client{port}, std::runtime_error);
  server.start();
  EXPECT_THAT(raw_client(port).request("s.3", "three").payload, HasSubstr("\"seq\":3"));
}

TEST_P(nats_server_test, restarts_with_an_empty_disk_when_told_so) {
  server_options lossy = options();
  lossy.keep_store = false;
  nats_server server(lossy);
  raw_client(server.port()).request("$JS.API.STREAM.CREATE.S", stream);
  server.restart();
  EXPECT_THAT(raw_client(server.port()).request("$JS.API.STREAM.INFO.S").payload, HasSubstr("404"));
}

TEST_P(nats_server_test, falls_silent_while_paused) {
  nats_server server(options());
  raw_client client(server.port(), {}, 1s);
  server.pause();
  EXPECT_THROW(client.flush(), std::runtime_error);
  server.resume();
  raw_client(server.port()).flush();
  server.pause();
  server.stop();  // also when paused
  EXPECT_FALSE(server.running());
}

TEST_P(nats_server_test, takes_extra_configuration_and_reloads_it) {
  server_options closed = options();
  closed.extra_config = R"(authorization { user: a, password: b })";
  nats_server server(closed);
  EXPECT_THROW(raw_client{server.port()}, std::runtime_error);
  raw_client(server.port(), R"("user":"a","pass":"b")").flush();
  server.reload(R"(authorization { user: a, password: c })");
  EXPECT_THROW(raw_client(server.port(), R"("user":"a","pass":"b")"), std::runtime_error);
  raw_client(server.port(), R"("user":"a","pass":"c")").flush();
}

TEST_P(nats_server_test, tells_when_it_exits_or_cannot_start) {
  nats_server server(options());
  server.signal(SIGKILL);
  server.wait_for_exit();
  EXPECT_FALSE(server.running());

  server_options broken = options();
  broken.extra_config = "no_such_setting: 1";
  try {
    nats_server never(broken);
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("exited while starting"));
    EXPECT_THAT(error.what(), HasSubstr("no_such_setting"));  // the server's own words
  }
}

TEST_P(nats_server_test, tells_what_its_goroutines_do_and_ends) {
  nats_server server(options());
  const std::string told = server.goroutines();
  EXPECT_FALSE(server.running());
  EXPECT_NE(told.find("\ngoroutine 1 "), told.npos);
  EXPECT_EQ(stuck_at_locks(told), "");
  server.start();
  EXPECT_TRUE(server.running());
}

TEST(goroutines, that_wait_for_a_lock_for_minutes_are_stuck) {
  const auto stuck = [](const std::string& state) {
    return stuck_at_locks(
        "SIGQUIT: quit\n\ngoroutine 1 gp=0xc0000061c0 m=nil [select, 5 minutes]:\nmain.main()\n\n"
        "goroutine 77 gp=0xc000107180 m=nil [" +
        state +
        "]:\n"
        "sync.(*RWMutex).RLock(...)\n\tsync/rwmutex.go:74\n"
        "github.com/nats-io/nats-server/server.(*stream).name(0xc000004408)\n"
        "\tgithub.com/nats-io/nats-server/server/stream.go:4967 +0x4c\n"
        "github.com/nats-io/nats-server/server.(*consumer).purge(0xc0000d8a08, 0x1)\n");
  };
  EXPECT_EQ(stuck("sync.RWMutex.RLock, 3 minutes, locked to thread"),
            "sync.RWMutex.RLock, 3 minutes: (*stream).name (*consumer).purge\n");
  EXPECT_NE(stuck("sync.RWMutex.Lock, 2 minutes"), "");
  EXPECT_NE(stuck("sync.Mutex.Lock, 2 minutes"), "");
  EXPECT_EQ(stuck("sync.RWMutex.Lock"), "") << "less than a minute";
  EXPECT_EQ(stuck("sync.WaitGroup.Wait, 10 minutes"), "");
  EXPECT_EQ(stuck("select, 9 minutes"), "");
}

TEST_P(nats_server_test, leaves_nothing_behind) {
  std::filesystem::path folder;
  pid_t pid = 0;
  {
    nats_server server(options());
    folder = server.folder();
    pid = server.pid();
    EXPECT_TRUE(std::filesystem::exists(server.store_dir()));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(server_binary, says_what_to_do_when_there_is_none) {
  try {
    server_binary("1.0");
    FAIL() << "found one";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("generation 1.0"));
    EXPECT_THAT(error.what(), HasSubstr(".ci/servers"));
  }
}

TEST(server_binary, takes_a_generation_by_whole_numbers) {
  EXPECT_THROW(server_binary("2.1"), std::runtime_error);  // not 2.10 or 2.15
  EXPECT_NO_THROW(server_binary("2.10"));
}

TEST(reserved_port, is_not_given_twice) {
  const reserved_port a;
  const reserved_port b;
  EXPECT_NE(a.number(), b.number());
  EXPECT_THROW(raw_client{a.number()}, std::runtime_error);
}

}  // namespace
}  // namespace kvco::test
