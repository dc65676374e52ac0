// What the client opens is closed in programs that the process starts: sockets of every kind, and files of settings.
#include <gtest/gtest.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <cstdio>
#include <filesystem>
#include <kvco_test/support/server/certificates.hpp>
#include <kvco_test/support/server/connecting.hpp>
#include <set>
#include <string_view>

// Sanitizers have an fopen() of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KVCO_SEES_FOPEN 1

namespace {

std::string watched_folder,
    inherited_files;  // files of the folder that somebody has opened for every program to inherit

}  // namespace

// Also OpenSSL's: what it calls is this one.
extern "C" FILE* fopen(const char* path, const char* mode) {
  static const auto real = reinterpret_cast<FILE* (*)(const char*, const char*)>(dlsym(RTLD_NEXT, "fopen"));
  const bool watched = !watched_folder.empty() && std::string_view(path).starts_with(watched_folder);
  if (watched && std::string_view(mode).find('e') == std::string_view::npos)
    inherited_files += std::string(path) + ' ';
  return real(path, mode);
}
#endif

namespace kvco::test {
namespace {

namespace fs = std::filesystem;

std::set<int> open_descriptors() {
  std::set<int> all;
  for (const auto& each : fs::directory_iterator("/proc/self/fd"))
    all.insert(std::stoi(each.path().filename()));
  return all;
}

/// Of those that have come since, the ones that a started program would have, too.
std::string inherited(const std::set<int>& before) {
  std::string found;
  for (const int number : open_descriptors()) {
    if (before.contains(number)) continue;
    const int flags = ::fcntl(number, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0) continue;
    std::error_code gone;
    found += fs::read_symlink("/proc/self/fd/" + std::to_string(number), gone).string() + ' ';
  }
  return found;
}

std::size_t sockets_since(const std::set<int>& before) {
  std::size_t count = 0;
  for (const int number : open_descriptors()) {
    std::error_code gone;
    const std::string what = fs::read_symlink("/proc/self/fd/" + std::to_string(number), gone).string();
    count += !before.contains(number) && what.starts_with("socket:");
  }
  return count;
}

/// Connects, loses the connection, comes back: nothing that was opened meanwhile is inherited.
void expect_nothing_inherited(const config& settings, nats_server& server) {
  const std::set<int> before = open_descriptors();
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(settings);
    bucket b = co_await nats.ensure_bucket(bucket_config("B"));
    co_await b.put("k", "v");
    EXPECT_GE(sockets_since(before), 1u);
    EXPECT_EQ(inherited(before), "");
    server.restart();
    co_await until([&] { return nats.statistics().reconnects >= 1 && nats.is_connected(); });
    EXPECT_EQ(inherited(before), "");
    co_await nats.close();
  });
}

// field: X1
TEST(close_on_exec_test, plain_by_address_and_by_name) {
  nats_server server;
  const std::string port = std::to_string(server.port());
  expect_nothing_inherited(config("nats://127.0.0.1:" + port), server);
  expect_nothing_inherited(config("nats://localhost:" + port), server);
}

// field: X1
TEST(close_on_exec_test, with_tls_by_name_and_files) {
  certificate_authority authority;
  const auto own = authority.issue("server"), mine = authority.issue("client");
  nats_server server({.extra_config = "tls { cert_file: \"" + own.certificate + "\", key_file: \"" + own.key +
                                      "\", verify: true, ca_file: \"" + authority.certificate() + "\" }\n"});
#ifdef KVCO_SEES_FOPEN
  inherited_files.clear();
  watched_folder = fs::path(mine.key).parent_path();
#endif
  expect_nothing_inherited(config("tls://localhost:" + std::to_string(server.port())).tls([&](auto& tls) {
    tls.ca_file(authority.certificate()).certificate_files(mine.certificate, mine.key);
  }),
                           server);
#ifdef KVCO_SEES_FOPEN
  watched_folder.clear();
  EXPECT_EQ(inherited_files, "");
#endif
}

// field: X1
TEST(close_on_exec_test, by_websocket) {
  certificate_authority authority;
  const auto own = authority.issue("server");
  const reserved_port port;
  const std::string at = std::to_string(port.number());
  nats_server plain({.extra_config = "websocket { port: " + at + ", no_tls: true }\n"});
  expect_nothing_inherited(config("ws://localhost:" + at), plain);
  plain.stop();
  nats_server secure({.extra_config = "websocket { port: " + at + ", tls { cert_file: \"" + own.certificate +
                                      "\", key_file: \"" + own.key + "\" } }\n"});
  expect_nothing_inherited(
      config("wss://localhost:" + at).tls([&](auto& tls) { tls.ca_file(authority.certificate()); }), secure);
}

}  // namespace
}  // namespace kvco::test
