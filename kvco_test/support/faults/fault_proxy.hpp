// A TCP proxy between a client and its server that does what networks do: it cuts, stalls, slows down, splits, joins,
// spoils, loses and repeats. Also a judge: it reads all that the client sends with the strict parser (checker V9).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <kvco_test/support/faults/direction.hpp>
#include <kvco_test/support/faults/server_frames.hpp>
#include <kvco_test/support/judges/client_frames.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kvco::test {

enum class cut_with { fin, reset };

/// What befalls the bytes of one direction, of all connections.
struct flow_faults {
  bool stalled = false;                ///< They wait; none is lost. The sender soon finds its window closed.
  std::size_t bytes_per_second = 0;    ///< Not faster than this; 0: as fast as it goes.
  std::size_t piece = 0;               ///< They are written in pieces of 1 to so many bytes; 0: as they come.
  std::chrono::milliseconds gather{};  ///< What comes within this time leaves in one write.
  double garble = 0;                   ///< The chance of each read that one bit of it flips.
  std::optional<std::size_t>
      cut_after{};  ///< A connection that has carried so many is cut: in front of the next.
  cut_with cut = cut_with::fin;
};

/// What becomes of a frame that the server has sent.
enum class fate {
  pass,
  lose,
  repeat,
  spoil,  ///< its first byte is another one: no client can take it for a frame
};

struct proxy_options {
  std::uint64_t seed = 1;    ///< of the sizes of pieces and of what is garbled
  bool reads_frames = true;  ///< false: for what is no plain NATS client connection (TLS, WebSocket, routes)
  std::size_t max_payload = 1u << 20;
  /// Is shown each operation of the client.
  std::function<void(const client_frame&)> see_sent{};
  /// Is shown each frame of the server, whatever becomes of it.
  std::function<void(const server_frame&)> see{};
};

/// Everything is to be called on the executor's thread. The destructor resets what is open.
class fault_proxy {
 public:
  /// Listens on a port of 127.0.0.1 and passes on to `target`, also of 127.0.0.1.
  fault_proxy(boost::asio::any_io_executor executor, std::uint16_t target, proxy_options options = {});
  ~fault_proxy();
  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;

  std::uint16_t port() const;
  std::string url() const;  ///< nats://127.0.0.1:<port>

  /// From now on, for what is open and for what will be.
  void set(direction way, flow_faults faults);
  void set_both(flow_faults faults);
  /// Ends all connections, on both sides.
  void cut_all(cut_with how);
  /// True: nobody listens (connection refused). What is open stays so.
  void refuse(bool v);
  /// Decides on each frame of the server; none: all pass.
  using frame_filter = std::function<fate(const server_frame&)>;
  void filter(frame_filter decide);

  std::size_t open() const;   ///< connections now
  std::size_t dials() const;  ///< connections accepted so far
  std::size_t lost() const;   ///< frames that were lost, repeated or spoilt
  std::uint64_t bytes(direction way) const;
  const std::vector<std::chrono::steady_clock::time_point>& dial_times() const;
  /// What the strict parser refused; must stay empty. A frame that a cut left incomplete is no fault.
  const std::vector<std::string>& malformed() const;

 private:
  struct state;
  struct link;

  std::shared_ptr<state> state_;
};

}  // namespace kvco::test
