// A private nats-server for the tests of a program: POSIX and the standard library only. Link kvco::testing.
//
// The names are those of namespace kvco. A namespace kvco::testing would be ambiguous with GoogleTest's `testing` after
// `using namespace kvco`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <kvco/testing/reserved_port.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace kvco {

namespace detail {
class child_process;
}  // namespace detail

/// The program that a nats_server runs unless its options name another: `$KVCO_NATS_SERVER`; without that variable
/// `nats-server` in a folder of `$PATH`, in /usr/sbin or in /usr/local/bin. Throws std::runtime_error if there is no
/// such program: a test without its server has failed.
std::filesystem::path find_nats_server();

/// How a nats_server is started.
struct nats_server_options {
  std::filesystem::path binary{};  ///< The program; empty: find_nats_server().
  bool jetstream = true;           ///< With a store in the temporary folder of the server.
  bool keep_store = true;          ///< False: restart() begins with an empty store.
  std::string jetstream_config{};  ///< Lines for the `jetstream { }` block of the configuration.
  std::string extra_config{};      ///< Lines for the end of the configuration: users, TLS, limits, WebSocket.
  std::uint16_t port = 0;          ///< 0: a free one, reserved for the life of the object.
  std::vector<std::string> args{};  ///< Further arguments of the command line, for example "-DV".
};

/// A real nats-server as a child process, with a port, a configuration and a store of its own. Any number of them can
/// run at once. It accepts clients on 127.0.0.1 only.
///
/// \par Lifetimes
/// The constructor returns when the server accepts clients; the destructor kills it and removes its folder. The kernel
/// kills the server when the thread that started it ends, so that no server is left when a test crashes: start it on a
/// thread that outlives it.
///
/// \par Errors
/// Every function throws std::runtime_error with the log of the server if it does not do as requested: it cannot be
/// started, has ended, or does not answer in 60 seconds.
///
/// \par Threads
/// The functions block. One thread at a time may call them.
///
/// \par Requires
/// Linux, and a nats-server of any version.
class nats_server {
 public:
  /// Starts a server, and waits until it accepts clients.
  explicit nats_server(nats_server_options options = {});
  ~nats_server();
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;

  /// "nats://127.0.0.1:<port>", for kvco::config.
  std::string url() const;
  /// The port of clients, the same over restarts.
  std::uint16_t port() const noexcept;
  /// The process; -1 if it is not running.
  pid_t pid() const noexcept;
  /// False after stop(), kill(), and an end that wait_for_exit() has noticed.
  bool running() const noexcept;
  /// The version in the INFO of the server, for example "2.10.27".
  std::string version() const;
  /// The temporary folder with the configuration, the log and the store.
  const std::filesystem::path& folder() const noexcept { return folder_; }
  /// The folder of the streams.
  std::filesystem::path store_dir() const { return folder_ / "store"; }
  /// The complete log, over restarts.
  std::string log() const;

  /// Starts the server again, after stop() or kill(), on the same port.
  void start();
  /// Ends the server in an orderly way (SIGTERM), and waits for its exit.
  void stop();
  /// Ends the server at once (SIGKILL), as a crash would. Does nothing if it is not running.
  void kill();
  /// stop() if it is running, then start().
  void restart();
  /// Suspends the process (SIGSTOP): connections stay open, and nothing is answered.
  void pause();
  /// Continues after pause(). Clients may have closed their connections in the meantime.
  void resume();
  /// Sends a signal, for example SIGUSR2 for lame duck mode.
  void signal(int number);

  /// Replaces nats_server_options::extra_config, lets the running server reload its configuration, and waits until it
  /// has.
  void reload(std::string extra_config);
  /// Replaces these two options, from the next start() or restart() on.
  void configure(bool jetstream, std::string extra_config);

  /// Waits until the log contains `text` at or after the position `from`, for example the size of an earlier log().
  void wait_for_log(std::string_view text, std::size_t from = 0,
                    std::chrono::milliseconds deadline = std::chrono::seconds(30)) const;
  /// Waits for an exit that something else causes.
  void wait_for_exit(std::chrono::milliseconds deadline = std::chrono::seconds(30));

 private:
  void write_config() const;
  void wait_until_accepting();
  [[noreturn]] void fail(const std::string& reason) const;

  nats_server_options options_;
  reserved_port reserved_;
  std::filesystem::path folder_;
  std::string info_;
  std::unique_ptr<detail::child_process> process_;
};

}  // namespace kvco
