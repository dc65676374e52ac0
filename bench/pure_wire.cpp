// Bytes <-> events: the parser on streams as a server sends them, in reads of 64 KiB; the writer.
#include <bench/pure.hpp>
#include <kvco/wire/parser.hpp>
#include <kvco/wire/writer.hpp>

#include <benchmark/benchmark.h>
#include <algorithm>
#include <cstring>

namespace kvco::bench {
namespace {

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t stream_size = 4 << 20;  // more than the caches of most cores

std::string message(std::size_t payload, bool with_header, std::uint64_t number) {
  std::string header;
  if (with_header) {
    wire::append_header_start(header);
    wire::append_header_field(header, "Nats-Sequence", number);
    wire::append_header_field(header, "KV-Operation", "DEL");
    wire::append_header_end(header);
  }
  std::string out = with_header ? "HMSG " : "MSG ";
  out += "$KV.ORDERS.order-" + std::to_string(100'000 + number % 900'000) + " 7 ";
  out += "$JS.ACK.KV_ORDERS.c9a1.1.5.5.1700000000000000000.0 ";
  if (with_header) out += std::to_string(header.size()) + ' ';
  out += std::to_string(header.size() + payload) + "\r\n" + header;
  return out + std::string(payload, static_cast<char>('a' + number % 26)) + "\r\n";
}

std::uint64_t parse_all(wire::parser& parser, std::string_view bytes) {
  std::uint64_t events = 0;
  while (!bytes.empty()) {
    const auto room = parser.prepare();
    const std::size_t size = std::min({room.size(), bytes.size(), read_size});
    std::memcpy(room.data(), bytes.data(), size);
    parser.commit(size);
    bytes.remove_prefix(size);
    while (const wire::event* e = parser.next()) {
      benchmark::DoNotOptimize(e->payload.size());
      ++events;
    }
  }
  return events;
}

void parse(benchmark::State& state, std::size_t payload, bool with_header) {
  std::string bytes;
  std::uint64_t messages = 0;
  while (bytes.size() < stream_size) bytes += message(payload, with_header, messages++);
  wire::parser parser;
  for (auto _ : state) {
    if (parse_all(parser, bytes) != messages) return state.SkipWithError("events were lost");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * messages));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}

void write(benchmark::State& state, std::size_t payload) {
  constexpr std::size_t many = 256;  // in one buffer, as in one turn of the reactor
  const std::string value(payload, 'v');
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::size_t i = 0; i < many; ++i) {
      wire::append_pub(out, "$KV.ORDERS.order-1000000", "_INBOX.Vq3xkbd7KL.01234567", value);
    }
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * many));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * out.size()));
}

}  // namespace

void add_parser(pure_list& all) {
  for (const bool with_header : {false, true}) {
    for (const std::size_t payload : {16u, 128u, 4096u, 65'536u}) {
      const std::string name =
          "parser, " + std::string(with_header ? "HMSG" : "MSG") + " of " + std::to_string(payload) + " B";
      if (all.take(name)) benchmark::RegisterBenchmark(name.c_str(), parse, payload, with_header);
    }
  }
}

void add_writer(pure_list& all) {
  for (const std::size_t payload : {16u, 128u, 4096u}) {
    const std::string name = "writer, PUB of " + std::to_string(payload) + " B";
    if (all.take(name)) benchmark::RegisterBenchmark(name.c_str(), write, payload);
  }
}

}  // namespace kvco::bench
