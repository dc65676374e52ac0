// The nats-servers of the tests: kvco/testing/nats_server.hpp, which shares no code with the library, by generation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <kvco/testing/nats_server.hpp>
#include <string>
#include <string_view>
#include <vector>

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

struct server_options {
  std::string version = "newest";   ///< A generation, as for server_binary().
  bool jetstream = true;            ///< With file storage below the server's own temporary folder.
  bool keep_store = true;           ///< restart() finds the stored data again; false: an empty disk.
  std::string jetstream_config{};   ///< Lines for the `jetstream { }` block.
  std::string extra_config{};       ///< Lines for the end of the configuration file.
  std::uint16_t port = 0;           ///< 0: a free one, reserved for the life of the object.
  std::vector<std::string> args{};  ///< Further command line arguments, e.g. "-DV".
};

/// The server that users of kvco test with, of a generation.
class nats_server : public kvco::nats_server {
 public:
  explicit nats_server(server_options options = {});

  /// Ends the server, and returns what each of its goroutines was doing.
  std::string goroutines();
};

/// Those that have waited for a lock for a minute or longer, a line for each with the state and the innermost functions of the
/// server: none in a server that works. nats-server 2.10.27 may wait for itself for ever when it deletes a consumer while it purges
/// a key.
std::string stuck_at_locks(std::string_view goroutines);

}  // namespace kvco::test
