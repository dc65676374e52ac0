// Somebody who asks the server all the time. See the header.
#include <kvco_test/chaos/soak/witness.hpp>

#include <exception>
#include <kvco_test/support/server/raw_client.hpp>
#include <optional>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

}  // namespace

void witness::ask() {
  std::optional<test::raw_client> server;
  while (!over_) {
    const moment begin = steady_clock::now();
    try {
      if (!server) server.emplace(port_);
      server->request("$JS.API.STREAM.INFO.KV_KEPT");
    } catch (const std::exception&) {
      server.reset();
    }
    const moment end = steady_clock::now();
    if (end - begin >= long_silence) {
      silences_.push_back({"the server was silent to a witness", lost_connection, begin, end});
    }
    std::this_thread::sleep_for(20ms);
  }
}

void witness::end() {
  over_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace kvco::chaos::soak
