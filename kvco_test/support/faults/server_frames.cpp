// What a server sends, cut into frames.
#include <kvco_test/support/faults/server_frames.hpp>

#include <charconv>
#include <optional>

namespace kvco::test {
namespace {

std::optional<std::size_t> number(std::string_view word) {
  std::size_t value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || code != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

server_frame::verb verb_of(std::string_view line) {
  using verb = server_frame::verb;
  if (line.starts_with("MSG ") || line.starts_with("HMSG ")) return verb::msg;
  if (line.starts_with("INFO ")) return verb::info;
  if (line.starts_with("-ERR")) return verb::err;
  if (line == "PING") return verb::ping;
  if (line == "PONG") return verb::pong;
  return line == "+OK" ? verb::ok : verb::other;
}

}  // namespace

std::vector<server_frame> server_frame_parser::feed(std::string_view bytes) {
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_ += bytes;
  std::vector<server_frame> frames;
  for (server_frame next; !broken_ && take(next); next = {}) frames.push_back(next);
  return frames;
}

bool server_frame_parser::take(server_frame& frame) {
  const std::string_view rest = unread();
  const std::size_t end = rest.find("\r\n");
  if (end == rest.npos) return false;
  const std::string_view line = rest.substr(0, end);
  frame.what = verb_of(line);
  if (frame.what == server_frame::verb::msg) return take_message(frame, line);
  broken_ = frame.what == server_frame::verb::other;
  if (broken_) return false;
  frame.bytes = rest.substr(0, end + 2);
  at_ += frame.bytes.size();
  return true;
}

bool server_frame_parser::take_message(server_frame& frame, std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  const std::size_t sizes = words[0] == "HMSG" ? 2 : 1;
  const auto total = number(words.back());
  const auto header = sizes == 2 ? number(words[words.size() - 2]) : std::optional<std::size_t>(0);
  broken_ = (words.size() != 3 + sizes && words.size() != 4 + sizes) || !total || !header || *header > *total;
  if (broken_) return false;
  const std::string_view rest = unread();
  const std::size_t size = line.size() + 2 + *total + 2;
  if (rest.size() < size) return false;
  frame.bytes = rest.substr(0, size);
  frame.subject = words[1];
  if (words.size() == 4 + sizes) frame.reply = words[3];
  frame.header = rest.substr(line.size() + 2, *header);
  frame.payload = rest.substr(line.size() + 2 + *header, *total - *header);
  at_ += size;
  return true;
}

}  // namespace kvco::test
