// Operations -> bytes: the last step of a request before the outbox.
#include <kvco/wire/text.hpp>
#include <kvco/wire/writer.hpp>

#include <array>
#include <charconv>
#include <limits>

namespace kvco::wire {
namespace {

void append_destination(std::string& out, std::string_view subject, std::string_view reply) {
  out.append(subject).push_back(' ');
  if (!reply.empty()) out.append(reply).push_back(' ');
}

}  // namespace

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, std::numeric_limits<std::uint64_t>::digits10 + 1> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_connect(std::string& out, std::string_view json) {
  out.append("CONNECT ").append(json).append(line_break);
}

void append_ping(std::string& out) { out.append("PING\r\n"); }
void append_pong(std::string& out) { out.append("PONG\r\n"); }

void append_sub(std::string& out, std::string_view subject, std::string_view queue, std::uint64_t sid) {
  out.append("SUB ");
  append_destination(out, subject, queue);
  append_number(out, sid);
  out.append(line_break);
}

void append_unsub(std::string& out, std::uint64_t sid, std::uint64_t after) {
  out.append("UNSUB ");
  append_number(out, sid);
  if (after != 0) {
    out.push_back(' ');
    append_number(out, after);
  }
  out.append(line_break);
}

void append_pub(std::string& out, std::string_view subject, std::string_view reply,
                std::string_view payload) {
  out.append("PUB ");
  append_destination(out, subject, reply);
  append_number(out, payload.size());
  out.append(line_break).append(payload).append(line_break);
}

void append_hpub(std::string& out, std::string_view subject, std::string_view reply, std::string_view header,
                 std::string_view payload) {
  if (header.empty()) return append_pub(out, subject, reply, payload);
  out.append("HPUB ");
  append_destination(out, subject, reply);
  append_number(out, header.size());
  out.push_back(' ');
  append_number(out, header.size() + payload.size());
  out.append(line_break).append(header).append(payload).append(line_break);
}

void append_header_start(std::string& block) { block.append("NATS/1.0\r\n"); }

void append_header_field(std::string& block, std::string_view name, std::string_view value) {
  block.append(name).append(": ").append(value).append(line_break);
}

void append_header_field(std::string& block, std::string_view name, std::uint64_t value) {
  block.append(name).append(": ");
  append_number(block, value);
  block.append(line_break);
}

void append_header_end(std::string& block) { block.append(line_break); }

}  // namespace kvco::wire
