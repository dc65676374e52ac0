// A user's program: it links the library and needs no server.
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <kvco/kvco.hpp>

int main() {
  boost::asio::io_context reactor(1);
  bool refused = false;
  kvco::connect(reactor, kvco::config("gopher://127.0.0.1").name("shop"),
                [&refused](kvco::error_code error, kvco::client) {
                  std::cout << error.message() << "\n";
                  refused = error == kvco::errc::invalid_url;
                });
  reactor.run();
  return refused ? 0 : 1;
}
