// The world of a session in a test: a clock that the test turns, and connections in memory to a fake server.
#pragma once

#include <functional>
#include <kvco/net/environment.hpp>
#include <kvco_test/support/fake/fake_server.hpp>
#include <kvco_test/support/fake/turnstile.hpp>
#include <kvco_test/support/faults/direction.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kvco::test {

class scripted_environment;

/// Ends the first connection when so many bytes went this way: what lies behind never arrives.
struct cut {
  direction way = direction::to_client;
  std::size_t at = 0;
  error_code how;  // eof or connection_reset
};

/// What happens to an attempt to connect.
struct dial {
  std::string host;
  std::uint16_t port = 0;
  core::time_point at{};
};
enum class answer { accept, refuse, silence };

/// One connection: what both ends know of it.
struct scripted_link {
  explicit scripted_link(const asio::any_io_executor& executor) : reader(executor), writer(executor) {}
  server_connection server;
  turnstile reader, writer;
  error_code end;       // set: it has ended like this
  std::string lost;     // written by the client and never read by the server
  bool closed = false;  // by the client
  bool sent_fin = false;
};

/// Everything is deterministic and on one thread: a test runs the reactor until it is idle, then turns the clock.
class scripted_world {
 public:
  explicit scripted_world(const asio::any_io_executor& executor) : executor_(executor) {
    server.on_time(now_ns());
  }
  scripted_world(const scripted_world&) = delete;
  scripted_world& operator=(const scripted_world&) = delete;

  fake_server server;

  // How it behaves; a test changes this at any time.
  std::function<std::size_t()> read_size, write_size;  // the most bytes of the next read or write
  std::function<answer(const dial&)> on_dial;
  std::optional<cut> planned_cut;
  std::size_t fail_call = 0;    // the call with this number (from 1) fails
  bool to_server_lost = false;  // what the client writes vanishes, as on a line that is dead one way
  bool to_client_lost = false;
  bool server_reads = true;  // false: writes do not get on (zero window)

  // What happened.
  std::vector<dial> dials;
  std::size_t calls = 0;  // connect, read, write
  std::size_t bytes_to_server = 0, bytes_to_client = 0;
  std::vector<std::shared_ptr<scripted_link>> links;  // every connection so far

  // The clock.
  core::time_point now() const noexcept { return now_; }
  std::int64_t now_ns() const noexcept { return now_.time_since_epoch().count(); }
  /// To the next point where somebody wants something, not beyond `most`. False: there is none.
  bool turn_clock(core::time_point most = core::time_point::max());
  /// To this point; what sleeps until then wakes up.
  void set_clock(core::time_point to);

  /// The newest connection ends now.
  void end_connection(error_code how);
  /// Those that were stopped look again at what they may do.
  void wake_all();
  void clear_faults();

 private:
  friend class scripted_environment;
  friend class scripted_transport;

  bool fails() { return ++calls == fail_call; }
  void to_server(scripted_link& link, std::string_view bytes);
  std::size_t readable(const scripted_link& link) const;
  std::size_t before_cut(direction way, std::size_t size) const;
  void cut_if_due(scripted_link& link, direction way);
  void end(scripted_link& link, error_code how);

  asio::any_io_executor executor_;
  // Not zero: the clock of a machine never is.
  core::time_point now_{std::chrono::hours(1000)};
  std::vector<scripted_environment*> environments_;
};

std::unique_ptr<net::environment> make_scripted_environment(std::shared_ptr<scripted_world> world);

}  // namespace kvco::test
