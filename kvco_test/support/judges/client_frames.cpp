// The strict parser of client bytes.
#include <kvco_test/support/judges/client_frames.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace kvco::test {
namespace {

constexpr std::size_t max_control_line = 4096;

std::vector<std::string_view> split(std::string_view line, char at) {
  std::vector<std::string_view> words;
  while (true) {
    const auto end = line.find(at);
    words.push_back(line.substr(0, end));
    if (end == line.npos) return words;
    line.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> number(std::string_view word) {
  if (word.empty() || (word.size() > 1 && word.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

bool is_strict_header(std::string_view block) {
  if (!block.starts_with("NATS/1.0\r\n") || !block.ends_with("\r\n\r\n")) return false;
  block.remove_prefix(10);
  while (block != "\r\n") {
    const auto end = block.find("\r\n");
    if (end == block.npos || end == 0) return false;
    const std::string_view line = block.substr(0, end);
    const auto colon = line.find(": ");
    if (colon == line.npos || colon == 0 || colon + 2 == line.size()) return false;
    const auto is_odd = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(line.begin(), line.end(), is_odd) || line.substr(0, colon).find(' ') != line.npos)
      return false;
    block.remove_prefix(end + 2);
  }
  return true;
}

}  // namespace

bool is_strict_subject(std::string_view subject, bool wildcards) {
  const auto is_odd = [](unsigned char c) { return c <= 0x20 || c >= 0x7f; };
  if (std::any_of(subject.begin(), subject.end(), is_odd)) return false;
  const auto tokens = split(subject, '.');
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].empty()) return false;
    if (tokens[i].find_first_of("*>") == std::string_view::npos) continue;
    if (!wildcards || tokens[i].size() != 1 || (tokens[i] == ">" && i + 1 != tokens.size())) return false;
  }
  return true;
}

bool subject_matches(std::string_view pattern, std::string_view subject) {
  const auto p = split(pattern, '.'), s = split(subject, '.');
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (i >= s.size()) return false;
    if (p[i] == ">") return true;
    if (p[i] != "*" && p[i] != s[i]) return false;
  }
  return p.size() == s.size();
}

std::string header_value(std::string_view block, std::string_view name) {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const auto at = block.find(start);
  if (at == block.npos) return {};
  const std::string_view rest = block.substr(at + start.size());
  return std::string(rest.substr(0, rest.find("\r\n")));
}

std::vector<client_frame> client_frame_parser::feed(std::string_view bytes) {
  std::vector<client_frame> frames;
  if (!error_.empty()) return frames;
  buffer_ += bytes;
  for (client_frame next; take_frame(next); next = {}) frames.push_back(std::move(next));
  buffer_.erase(0, std::exchange(at_, 0));
  return frames;
}

bool client_frame_parser::take_frame(client_frame& frame) {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  const auto end = rest.find('\n');
  if (end == rest.npos) {
    // CONNECT may be longer: it is sent once, before the limits of a user are known.
    if (rest.size() > max_control_line && connected_) fail("control line too long", rest);
    return false;
  }
  const std::string_view line = rest.substr(0, end);
  if (line.empty() || line.back() != '\r') return fail("line does not end with CR LF", line);
  return take_line(frame, line.substr(0, line.size() - 1), end + 1);
}

bool client_frame_parser::take_line(client_frame& frame, std::string_view line, std::size_t line_size) {
  using verb = client_frame::verb;
  const auto words = split(line, ' ');
  if (!connected_ && words[0] != "CONNECT") return fail("the first operation is not CONNECT", line);
  if (connected_ && line_size > max_control_line) return fail("control line too long", line);
  if (words[0] == "CONNECT") {
    if (connected_ || !line.starts_with("CONNECT {") || !line.ends_with('}')) return fail("CONNECT", line);
    connected_ = true;
    frame.what = verb::connect;
    frame.text = line.substr(8);
  } else if (line == "PING" || line == "PONG") {
    frame.what = line == "PING" ? verb::ping : verb::pong;
  } else if (words[0] == "PUB" || words[0] == "HPUB") {
    return take_pub(frame, words, line_size);
  } else if (words[0] == "SUB" || words[0] == "UNSUB") {
    if (!take_sub(frame, words)) return fail("SUB or UNSUB", line);
  } else {
    return fail("unknown operation", line);
  }
  at_ += line_size;
  return true;
}

bool client_frame_parser::take_pub(client_frame& frame, const std::vector<std::string_view>& words,
                                   std::size_t line_size) {
  const std::size_t sizes = words[0] == "HPUB" ? 2 : 1;
  if (words.size() != 2 + sizes && words.size() != 3 + sizes) return fail("word count", words[0]);
  const auto total = number(words.back());
  const auto header = sizes == 2 ? number(words[words.size() - 2]) : std::optional<std::uint64_t>(0);
  if (!total || !header || *header > *total) return fail("sizes", words.back());
  if (*total > max_payload_) return fail("over max_payload", words.back());
  // The one request whose subject has the filter of a consumer at its end.
  const bool filter = words[1].starts_with("$JS.API.CONSUMER.CREATE.");
  if (!is_strict_subject(words[1], filter)) return fail("subject", words[1]);
  if (words.size() == 3 + sizes && !is_strict_subject(words[2], false))
    return fail("reply subject", words[2]);
  const std::string_view body = std::string_view(buffer_).substr(at_ + line_size);
  if (body.size() < *total + 2) return false;

  frame.what = client_frame::verb::pub;
  frame.subject = words[1];
  if (words.size() == 3 + sizes) frame.reply = words[2];
  frame.header = body.substr(0, *header);
  frame.payload = body.substr(*header, *total - *header);
  if (sizes == 2 && !is_strict_header(frame.header)) return fail("header block", frame.header);
  if (body.substr(*total, 2) != "\r\n") return fail("payload does not end with CR LF", frame.payload);
  at_ += line_size + *total + 2;
  return true;
}

bool client_frame_parser::take_sub(client_frame& frame, const std::vector<std::string_view>& words) {
  const bool sub = words[0] == "SUB";
  if (words.size() != (sub ? 3u : 2u)) return false;
  const auto sid = number(words.back());
  if (!sid || *sid == 0) return false;
  frame.sid = *sid;
  frame.what = sub ? client_frame::verb::sub : client_frame::verb::unsub;
  if (!sub) return open_sids_.erase(*sid) == 1;
  frame.subject = words[1];
  // kvco promises never to use one twice, so that what comes late for a closed subscription finds nobody.
  if (*sid <= last_sid_ || !is_strict_subject(words[1], true)) return false;
  last_sid_ = *sid;
  open_sids_.insert(*sid);
  return true;
}

bool client_frame_parser::fail(std::string_view why, std::string_view where) {
  error_ = std::string(why) + ": \"" + std::string(where.substr(0, 200)) + '"';
  return false;
}

}  // namespace kvco::test
