// A real nats-server as a child process of the test. Plain POSIX: shares no code with kvco.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace kvco::test {

/// The server generations every integration test runs against: "2.9", "2.10", "newest".
std::vector<std::string> server_generations();

/// The binary of a generation, for example "2.9", "2.10", "2.15", or "newest".
/// Looked for as <version>/nats-server under $KVCO_SERVERS_DIR or the folder the build was configured with.
/// Throws, naming the command that fetches it, when there is none: a missing server is a failed test.
std::filesystem::path server_binary(std::string_view generation);

/// Names the instances of a test over server_generations(), as the last argument of INSTANTIATE_TEST_SUITE_P.
struct generation_name {
  template <class ParamInfo>
  std::string operator()(const ParamInfo& info) const {
    std::string name = "server_" + std::string(info.param);
    for (char& c : name) c = c == '.' ? '_' : c;  // a test's name is made of letters, digits and _
    return name;
  }
};

/// A local TCP port that no other process gets while this object lives, whether or not a server listens on it.
///
/// The port is bound but not listened on. Linux lets a server that sets SO_REUSEADDR (Go does) listen on it all the
/// same, gives it to nobody who asks for a free port, and refuses connections while no server is up.
class reserved_port {
 public:
  reserved_port();
  ~reserved_port();
  reserved_port(const reserved_port&) = delete;
  reserved_port& operator=(const reserved_port&) = delete;

  std::uint16_t number() const { return number_; }

 private:
  int socket_;
  std::uint16_t number_ = 0;
};

struct server_options {
  std::string version = "newest";   ///< A generation, as for server_binary().
  bool jetstream = true;            ///< With file storage below the server's own temporary folder.
  bool keep_store = true;           ///< restart() finds the stored data again; false: an empty disk.
  std::string jetstream_config{};   ///< Lines for the `jetstream { }` block.
  std::string extra_config{};       ///< Lines for the end of the configuration file.
  std::uint16_t port = 0;           ///< 0: a free one, reserved for the life of the object.
  std::vector<std::string> args{};  ///< Further command line arguments, e.g. "-DV".
};

/// Starts in the constructor, which returns when the server accepts clients. The destructor kills it and removes its
/// folder. Start it on a thread that outlives it: the kernel kills the server when the starting thread ends.
class nats_server {
 public:
  explicit nats_server(server_options options = {});
  ~nats_server();
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;

  std::string url() const;     ///< nats://127.0.0.1:<port>
  std::uint16_t port() const;  ///< The same over the object's life.
  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }
  std::string version() const;  ///< As the server tells in INFO, e.g. "2.10.27".
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path store_dir() const { return folder_ / "store"; }
  std::string log() const;  ///< All that it has logged, over restarts too.

  void stop();              ///< SIGTERM, and waits for the exit.
  void kill();              ///< SIGKILL, and waits for the exit.
  void restart();           ///< stop() if it runs, then start on the same port.
  void start();             ///< After stop() or kill().
  void pause();             ///< SIGSTOP: connections stay open and fall silent.
  void resume();            ///< SIGCONT.
  void signal(int number);  ///< Any other, e.g. SIGUSR2 for lame duck mode.

  /// Ends the server, and returns what each of its goroutines was doing.
  std::string goroutines();

  /// Replaces the options' extra_config, makes the server reload it, and waits until it says that it did.
  void reload(std::string extra_config);
  /// Replaces these options, from the next start() or restart() on.
  void configure(bool jetstream, std::string extra_config);

  /// Waits until the log contains `text` at or after `from` (an earlier log().size()). Throws at the deadline.
  void wait_for_log(std::string_view text, std::size_t from = 0,
                    std::chrono::milliseconds deadline = std::chrono::seconds(30)) const;

  /// Waits for an exit that something else caused. Throws at the deadline.
  void wait_for_exit(std::chrono::milliseconds deadline = std::chrono::seconds(30));

 private:
  void write_config() const;
  void spawn();
  void wait_until_accepting();
  bool try_reap();
  [[noreturn]] void fail(const std::string& what) const;

  server_options options_;
  std::filesystem::path binary_;
  reserved_port reserved_;
  std::filesystem::path folder_;
  std::string info_;
  pid_t pid_ = -1;
};

/// Those that have waited for a lock for a minute or longer, a line for each with the state and the innermost functions of the
/// server: none in a server that works. nats-server 2.10.27 may wait for itself for ever when it deletes a consumer while it purges
/// a key.
std::string stuck_at_locks(std::string_view goroutines);

}  // namespace kvco::test
