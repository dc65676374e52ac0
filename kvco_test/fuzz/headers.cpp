// Fuzz: any bytes as a header block. What is malformed has nothing, and what is read can be written
// and read again.
#include <kvco/wire/headers.hpp>
#include <kvco/wire/writer.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using kvco::wire::header_field;
using kvco::wire::headers;

void expect(bool good) {
  if (!good) std::abort();
}

void expect_found(const headers& block) {
  std::string_view rest = block.fields();
  for (header_field field; headers::take_field(rest, field);) {
    expect(!field.name.empty());
    expect(block.find(field.name).has_value());
    expect(block.find_last(field.name).has_value());
  }
  expect(rest.empty());
}

std::string rewritten(const headers& block) {
  std::string out;
  kvco::wire::append_header_start(out);
  std::string_view rest = block.fields();
  for (header_field field; headers::take_field(rest, field);)
    kvco::wire::append_header_field(out, field.name, field.value);
  kvco::wire::append_header_end(out);
  return out;
}

void expect_same_fields(const headers& a, const headers& b) {
  std::string_view left = a.fields();
  std::string_view right = b.fields();
  for (header_field x, y; headers::take_field(left, x);) {
    expect(headers::take_field(right, y));
    expect(x.name == y.name && x.value == y.value);
  }
  expect(right.empty());
}

}  // namespace

// fault: 21, 30
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const headers block(bytes);
  expect(block.status() == 0 || (block.status() >= 100 && block.status() <= 999));
  if (!block.valid()) {
    expect(block.status() == 0 && block.description().empty() && block.fields().empty());
    return 0;
  }
  expect_found(block);
  const std::string again = rewritten(block);
  const headers second(again);
  expect(second.valid());
  expect_same_fields(block, second);

  if (const auto number = kvco::wire::parse_number(bytes)) {
    std::string text;
    kvco::wire::append_number(text, *number);
    expect(std::string_view(bytes).ends_with(text));
  }
  return 0;
}
