// Fuzz: the parser gives the same events and the same error for any chunking of any bytes, within
// bounded memory.
//
// The input's first bytes choose limits and chunks, the rest is what the server says.
#include <kvco/wire/parser.hpp>
#include <kvco_test/support/judges/recorded_events.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace {

using kvco::test::feed;
using kvco::test::record;
using kvco::test::record_in_pieces;
using kvco::test::recording;
using kvco::wire::limits;

constexpr std::size_t setup_bytes = 6;

limits bounds_of(std::uint8_t choice) {
  constexpr std::array<limits, 4> all{{{}, {64, 128, 64}, {1, 1, 1}, {200, 64 * 1024, std::size_t{0} - 1}}};
  return all[choice % all.size()];
}

void expect(bool good) {
  if (!good) std::abort();
}

// Parts of an event lie one behind the other in what was fed, and a refusal is for ever.
void expect_sound(std::string_view bytes, limits bounds) {
  kvco::wire::parser parser(bounds);
  std::size_t spoken = 0;
  const std::size_t size = bytes.size();
  while (!bytes.empty()) {
    feed(parser, bytes, bytes.size());
    while (const kvco::wire::event* e = parser.next())
      spoken += e->subject.size() + e->reply.size() + e->header.size() + e->payload.size() + e->text.size();
  }
  expect(spoken <= size);
  expect(parser.capacity() <= 2 * size + (5u << 20));
  if (!parser.error()) return;
  const auto error = parser.error();
  std::string_view more = "PING\r\n";
  feed(parser, more, more.size());
  expect(parser.next() == nullptr && parser.error() == error);
}

}  // namespace

// fault: 21
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < setup_bytes) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + setup_bytes, size - setup_bytes);
  const limits bounds = bounds_of(data[0]);

  const recording whole = record_in_pieces(bytes, bounds, [&] { return bytes.size(); });
  expect(record_in_pieces(bytes, bounds, [] { return std::size_t{1}; }) == whole);
  std::size_t reads = 0;
  expect(record_in_pieces(bytes, bounds, [&] { return data[1 + reads++ % (setup_bytes - 1)]; }) == whole);
  expect_sound(bytes, bounds);
  return 0;
}
