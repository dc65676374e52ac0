// Socket bytes -> events, without a socket: streams as a server sends them, parsed in reads of the
// usual size.
#include <bench/allocations.hpp>
#include <bench/parser_bench.hpp>
#include <kvco/wire/parser.hpp>
#include <kvco/wire/writer.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <iomanip>
#include <ostream>
#include <random>
#include <string>
#include <string_view>

namespace kvco::bench {
namespace {

using clock = std::chrono::steady_clock;

struct shape {
  std::size_t payload;
  bool with_header;
};

std::string message(const shape& s, std::uint64_t number) {
  std::string header;
  if (s.with_header) {
    wire::append_header_start(header);
    wire::append_header_field(header, "Nats-Sequence", number);
    wire::append_header_field(header, "KV-Operation", "DEL");
    wire::append_header_end(header);
  }
  std::string out = s.with_header ? "HMSG " : "MSG ";
  out += "$KV.ORDERS.order-" + std::to_string(100000 + number % 900000) + " 7 ";
  out += "$JS.ACK.KV_ORDERS.c9a1.1.5.5.1700000000000000000.0 ";
  if (s.with_header) out += std::to_string(header.size()) + ' ';
  out += std::to_string(header.size() + s.payload) + "\r\n" + header;
  return out + std::string(s.payload, static_cast<char>('a' + number % 26)) + "\r\n";
}

struct stream {
  std::string bytes;
  std::uint64_t events = 0;
};

stream make_stream(const shape& s, std::size_t least_bytes) {
  stream made;
  while (made.bytes.size() < least_bytes) made.bytes += message(s, made.events++);
  return made;
}

struct cost {
  double parsing = 0, all = 0;  // seconds: next() alone, and with the copy into the buffer
  std::uint64_t events = 0, checksum = 0, allocations = 0;
};

/// One pass. The "socket" fills at most 64 KiB of the room at a time.
cost run(wire::parser& parser, std::string_view bytes) {
  cost spent;
  const std::uint64_t allocated = allocations();
  const auto start = clock::now();
  clock::duration parsing{};
  while (!bytes.empty()) {
    const auto room = parser.prepare();
    const std::size_t size = std::min({room.size(), bytes.size(), std::size_t{64 * 1024}});
    std::memcpy(room.data(), bytes.data(), size);
    parser.commit(size);
    bytes.remove_prefix(size);
    const auto before = clock::now();
    while (const wire::event* e = parser.next()) {
      ++spent.events;
      spent.checksum += e->payload.size() + e->reply.size() + e->sid;
    }
    parsing += clock::now() - before;
  }
  spent.all = std::chrono::duration<double>(clock::now() - start).count();
  spent.parsing = std::chrono::duration<double>(parsing).count();
  spent.allocations = allocations() - allocated;
  return spent;
}

void measure(std::ostream& out, const shape& s) {
  const stream input = make_stream(s, 16 << 20);
  wire::parser parser;
  run(parser, input.bytes);  // warm up: the buffer gets its size
  cost best = run(parser, input.bytes);
  for (int i = 0; i < 6; ++i) {
    const cost again = run(parser, input.bytes);
    best.parsing = std::min(best.parsing, again.parsing);
    best.all = std::min(best.all, again.all);
    best.allocations += again.allocations;
  }
  const auto events = static_cast<double>(input.events);
  const auto megabytes = static_cast<double>(input.bytes.size()) / 1e6;
  out << std::setw(8) << s.payload << " B" << (s.with_header ? "  HMSG" : "   MSG") << std::fixed
      << std::setprecision(2) << std::setw(12) << events / best.parsing / 1e6 << std::setprecision(0)
      << std::setw(12) << megabytes / best.parsing << std::setprecision(2) << std::setw(14)
      << events / best.all / 1e6 << std::setw(12) << static_cast<double>(best.allocations) / (7 * events)
      << (best.events == input.events && !parser.error() ? "" : "  LOST EVENTS") << '\n';
}

std::size_t mix(std::size_t hash, std::string_view text) {
  return (hash ^ std::hash<std::string_view>{}(text)) * 1099511628211u + 0x9e3779b9u;
}

/// A hash of all events; `next_size` says how many bytes the next read brings.
std::size_t hash_events(std::string_view bytes, const std::function<std::size_t()>& next_size) {
  wire::parser parser;
  std::size_t hash = 0;
  while (!bytes.empty() && !parser.error()) {
    const auto room = parser.prepare();
    const std::size_t size = std::min({room.size(), bytes.size(), next_size()});
    std::memcpy(room.data(), bytes.data(), size);
    parser.commit(size);
    bytes.remove_prefix(size);
    while (const wire::event* e = parser.next()) {
      hash = mix(hash + e->sid, e->subject);
      for (const auto part : {e->reply, e->header, e->payload, e->text}) hash = mix(hash, part);
    }
  }
  return mix(hash, parser.error().message());
}

void check_splits(std::ostream& out) {
  std::string bytes = "INFO {\"max_payload\":1048576}\r\n+OK\r\n";
  for (std::uint64_t i = 0; i < 200; ++i) {
    for (const std::size_t size : {16u, 128u, 4096u}) bytes += message({size, (i + size) % 3 == 0}, i);
    bytes += i % 2 == 0 ? "PING\r\n" : "-ERR 'Permissions Violation'\r\n";
  }
  std::mt19937 random(42);
  const std::size_t whole = hash_events(bytes, [&] { return bytes.size(); });
  const std::size_t single = hash_events(bytes, [] { return std::size_t{1}; });
  const std::size_t cut = hash_events(bytes, [&] { return std::size_t{1 + random() % 3000}; });
  out << "the same events, whole, byte by byte and in random pieces: "
      << (whole == single && whole == cut ? "yes" : "NO") << " (" << std::hex << whole << std::dec << ")\n";
}

}  // namespace

void bench_parser(std::ostream& out) {
  out << "parser: 64 KiB reads, best of 7\n"
      << "   payload            M msg/s        MB/s  M msg/s+copy   allocs/msg\n";
  for (const bool with_header : {false, true})
    for (const std::size_t payload : {16u, 128u, 4096u, 65536u}) measure(out, {payload, with_header});
  check_splits(out);
}

}  // namespace kvco::bench
