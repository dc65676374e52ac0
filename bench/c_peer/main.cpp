// Debian's libnats as a contestant: its Key-Value API, which blocks, on as many threads as shall be in flight.
#include <bench/c_peer/works.hpp>
#include <bench/contestant.hpp>

#include <exception>
#include <iostream>
#include <memory>
#include <string_view>

int main(int count, char** words) try {
  namespace peer = kvco::bench::c_peer;
  if (count == 3 && words[1] == std::string_view("--get")) {
    const peer::connection nats(kvco::bench::server_url());
    const peer::entry found = nats.get(words[2]);
    std::cout.write(static_cast<const char*>(kvEntry_Value(found.get())), kvEntry_ValueLen(found.get()));
    return 0;
  }
  std::shared_ptr<peer::connection> nats;  // made by the first task; a failure is the outcome of that task
  const auto with = [&nats](kvco::bench::outcome (*function)(peer::connection&, const kvco::bench::task&)) {
    return [&nats, function](const kvco::bench::task& what) {
      if (!nats) nats = std::make_shared<peer::connection>(kvco::bench::server_url());
      return function(*nats, what);
    };
  };
  kvco::bench::works offered;
  for (const char* name : {"put", "get", "update", "mixed", "contention"})
    offered[name] = with(peer::operations);
  offered["watch"] = with(peer::watch);
  offered["keys"] = with(peer::keys);
  offered["live"] = with(peer::live);
  offered["watchers"] = with(peer::watchers);
  offered["publish"] = with(peer::publish);
  offered["request"] = with(peer::request);
  offered["subscribe"] = with(peer::subscribe);
  offered["command_get"] = peer::command_get;
  return kvco::bench::serve(offered);
} catch (const std::exception& failure) {
  std::cerr << "bench_c_peer: " << failure.what() << '\n';
  return 1;
}
