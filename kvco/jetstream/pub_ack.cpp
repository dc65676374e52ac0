// The answer to a publish -> the revision: read for every write.
#include <kvco/jetstream/pub_ack.hpp>

#include <charconv>
#include <kvco/jetstream/json_reply.hpp>
#include <kvco/wire/text.hpp>

namespace kvco::jetstream {
namespace {

using wire::take;

// A comma, with the blank that servers up to 2.10 put after it.
bool take_comma(std::string_view& rest) noexcept {
  if (!take(rest, ",")) return false;
  take(rest, " ");
  return true;
}

// The name that is expected, if it is that one.
bool take_known_name(std::string_view& rest, std::string_view name) noexcept {
  const std::size_t end = name.size() + 1;
  if (name.empty() || rest.size() <= end || rest[0] != '"' || rest[end] != '"') return false;
  if (rest.compare(1, name.size(), name) != 0) return false;
  rest.remove_prefix(end + 1);
  return true;
}

// A string, not empty, of printable ASCII without an escape.
bool take_name(std::string_view& rest) noexcept {
  if (!take(rest, "\"")) return false;
  std::size_t size = 0;
  while (size < rest.size() && rest[size] != '"') {
    if (rest[size] < 0x20 || rest[size] > 0x7e || rest[size] == '\\') return false;
    ++size;
  }
  if (size == 0 || size == rest.size()) return false;
  rest.remove_prefix(size + 1);
  return true;
}

// Not zero, and so without a leading zero either, which is no JSON.
bool take_sequence(std::string_view& rest, std::uint64_t& sequence) noexcept {
  if (rest.starts_with('0')) return false;
  const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), sequence);
  if (result.ec != std::errc()) return false;
  rest.remove_prefix(static_cast<std::size_t>(result.ptr - rest.data()));
  return true;
}

error_code meaning_of_refusal(const error_code& code, std::string_view words) noexcept {
  if (code.category() != jetstream_category()) return code;
  if (code.value() == 503 && words == "raft: not leader") return client_error::no_responders;
  // One code for any refusal by a store; the text distinguishes them.
  const bool full =
      words.starts_with("maximum bytes exceeded") || words.starts_with("maximum messages exceeded");
  return code.value() == 10077 && !full ? error_code(client_error::store_refused) : code;
}

}  // namespace

std::optional<pub_ack> read_common_pub_ack(std::string_view rest, std::string_view stream) noexcept {
  pub_ack ack;
  if (!take(rest, R"({"stream":)")) return std::nullopt;
  if (!take_known_name(rest, stream) && !take_name(rest)) return std::nullopt;
  if (!take_comma(rest)) return std::nullopt;
  if (take(rest, R"("domain":)") && !(take_name(rest) && take_comma(rest))) return std::nullopt;
  if (!take(rest, R"("seq":)") || !take_sequence(rest, ack.sequence)) return std::nullopt;
  if (take_comma(rest)) {
    ack.duplicate = take(rest, R"("duplicate":)");
    take(rest, " ");  // all of 2.9 to 2.15 write "duplicate": true
    if (!ack.duplicate || !take(rest, "true")) return std::nullopt;
  }
  if (rest != "}") return std::nullopt;
  return ack;
}

outcome<pub_ack> read_any_pub_ack(std::string_view json) {
  return decode<pub_ack>(json, [](json_fields& fields, pub_ack& ack) {
    std::string_view stream;
    fields.require("stream", stream);
    fields.require("seq", ack.sequence);
    fields.read("duplicate", ack.duplicate);
    if (stream.empty()) fields.blame("stream");  // the answer of another service
    if (ack.sequence == 0) fields.blame("seq");
  });
}

revision last_revision_in(std::string_view words) noexcept {
  revision last = 0;
  return take(words, "wrong last sequence: ") && take_sequence(words, last) && words.empty() ? last : 0;
}

outcome<pub_ack> parse_pub_ack(std::string_view json, std::string_view stream) {
  if (const auto ack = read_common_pub_ack(json, stream)) return {*ack, {}, {}};
  auto ack = read_any_pub_ack(json);
  ack.code = meaning_of_refusal(ack.code, ack.detail);
  return ack;
}

}  // namespace kvco::jetstream
