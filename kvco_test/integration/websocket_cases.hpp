// What a WebSocket server may send, and what it must not: frames, last words, answers to the upgrade.
#pragma once

#include <cstdint>
#include <functional>
#include <kvco/error.hpp>
#include <kvco_test/support/faults/websocket_relay.hpp>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::test {

// --- frames as they may be ------------------------------------------------------------------------------------------

/// Bytes that are always the same for a size.
inline std::string noise(std::size_t size) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(size));
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

/// The pieces of `bytes`, each of as many bytes as `next_size` says.
template <class NextSize>
std::vector<std::string_view> pieces_of(std::string_view bytes, NextSize&& next_size) {
  std::vector<std::string_view> pieces;
  for (; !bytes.empty(); bytes.remove_prefix(pieces.back().size()))
    pieces.push_back(bytes.substr(0, next_size()));
  return pieces;
}

inline auto up_to(std::size_t most) {
  return [most, random = std::mt19937(1)]() mutable { return 1 + random() % most; };
}

inline auto in_turn(std::vector<std::size_t> sizes) {
  return [sizes, next = std::size_t{0}]() mutable { return sizes[next++ % sizes.size()]; };
}

/// Messages of these sizes, and these frames before each.
template <class NextSize>
framer messages_of(NextSize next_size, std::string before = {}) {
  return [next_size, before](std::string_view bytes) mutable {
    std::string frames;
    for (const std::string_view piece : pieces_of(bytes, next_size))
      frames += before + websocket_frame(opcode::binary, piece);
    return frames;
  };
}

/// Each message is some pieces and two empty ones, with control frames and empty fragments between.
inline std::string fragments(std::string_view bytes) {
  const std::string between = websocket_frame(opcode::ping, "still there?") +
                              websocket_frame(opcode::continuation, "", {.fin = false}) +
                              websocket_frame(opcode::pong, "unasked");
  std::string frames;
  for (const std::string_view message : pieces_of(bytes, up_to(3000))) {
    frames += websocket_frame(opcode::binary, "", {.fin = false});
    for (const std::string_view piece : pieces_of(message, [&] { return 1 + message.size() / 3; }))
      frames += between + websocket_frame(opcode::continuation, piece, {.fin = false});
    frames += between + websocket_frame(opcode::continuation, "");
  }
  return frames;
}

inline framer one_message_without_end() {
  return [what = opcode::binary](std::string_view bytes) mutable {
    return websocket_frame(std::exchange(what, opcode::continuation), bytes, {.fin = false});
  };
}

struct framing {
  const char* name;
  std::function<framer()> make;
};

inline std::vector<framing> framings() {
  const std::string pings = websocket_frame(opcode::ping, noise(125)) + websocket_frame(opcode::pong, "");
  const std::string empty = websocket_frame(opcode::binary, "");
  return {
      {"messages_of_one_byte", [] { return messages_of(in_turn({1})); }},
      {"messages_of_few_bytes", [] { return messages_of(up_to(9)); }},
      {"messages_of_many_bytes", [] { return messages_of(up_to(5000)); }},
      {"lengths_in_7_16_and_64_bits",
       [] {
         return messages_of(in_turn({1, 125, 126, 127, 65535, 65536}));
       }},
      {"fragments", [] { return fragments; }},
      {"one_message_without_end", one_message_without_end},
      {"empty_messages_between", [=] { return messages_of(up_to(5000), empty + empty); }},
      {"pings_and_pongs_between", [=] { return messages_of(up_to(5000), pings); }},
  };
}

// --- frames as they must not be -------------------------------------------------------------------------------------

/// The last words of a connection.
struct session_fault {
  std::string name, bytes;
  unsigned answer;  ///< the code of the client's close frame; 0: it sends none, or may not
  const char* words;
  std::optional<cut_with> then{};
};

inline std::vector<session_fault> session_faults() {
  const std::string ok = "+OK\r\n";
  const auto frame = [](opcode what, const std::string& bytes, const frame_quirks& quirks = {}) {
    return websocket_frame(what, bytes, quirks);
  };
  using enum opcode;
  const std::string next = frame(binary, ok), begun = frame(binary, ok, {.fin = false});
  const char* const closed = "the server closed the connection";
  const char* const out_of_step = "out of step";
  std::vector<session_fault> all = {
      {"text", frame(text, ok), 0, "no NATS server"},
      {"empty text", frame(text, ""), 0, "no NATS server"},
      {"text that is none", frame(text, "\xff\xff"), 1007, "not valid utf8"},
      {"masked", frame(binary, ok, {.masked = true}), 1002, "frame was masked"},
      {"masked ping", frame(ping, ok, {.masked = true}), 1002, "frame was masked"},
      {"compressed", frame(binary, ok, {.reserved = 4}), 1002, "reserved bits"},
      {"RSV2", frame(binary, ok, {.reserved = 2}), 1002, "reserved bits"},
      {"RSV3", frame(binary, ok, {.reserved = 1}), 1002, "reserved bits"},
      {"RSV1 of a ping", frame(ping, ok, {.reserved = 4}), 1002, "reserved bits"},
      {"RSV1 of a continuation", begun + frame(continuation, ok, {.reserved = 4}), 1002, "reserved bits"},
      {"continuation of nothing", frame(continuation, ok), 1002, "continuation frame was unexpected"},
      {"continuation of a whole message", next + frame(continuation, ok), 1002, "continuation frame was"},
      {"message within a message", begun + next, 1002, "data frame was unexpected"},
      {"ping of 126 bytes", frame(ping, std::string(126, 'x')), 1002, "control frame size"},
      {"ping in 16 bits", frame(ping, "x", {.length_bits = 16}), 1002, "control frame size"},
      {"close of 126 bytes", websocket_close(1000, std::string(124, 'x')), 1002, "control frame size"},
      {"ping in fragments", frame(ping, "x", {.fin = false}), 1002, "control frame was fragmented"},
      {"close in fragments", frame(close, "", {.fin = false}), 1002, "control frame was fragmented"},
      {"7 bits in 16", frame(binary, ok, {.length_bits = 16}), 1002, "not canonical"},
      {"16 bits in 64", frame(binary, ok, {.length_bits = 64}), 1002, "not canonical"},
      {"message of 2^64 bytes", begun + frame(continuation, ok, {.claimed = ~0ULL}), 1009, "limit"},
      // What follows is not taken for frames: it is soon found that it is no NATS.
      {"2^31 bytes", frame(binary, ok + next, {.claimed = 1ULL << 31}), 0, out_of_step},
      {"2^62 bytes", frame(binary, ok + next, {.claimed = 1ULL << 62}), 0, out_of_step},
      {"top bit", frame(binary, ok + next, {.claimed = 1ULL << 63}), 0, out_of_step},
      {"all bits", frame(binary, ok + next, {.claimed = ~0ULL}), 0, out_of_step},
      {"no NATS", frame(binary, "HTTP/1.1 200 OK\r\n"), 0, out_of_step},
      {"close with a malformed body", frame(close, "x"), 1002, "payload size was invalid"},
      {"close with a reason that is no text", websocket_close(1000, "\xff"), 1002, "not valid utf8"},
      {"close without a code", frame(close, ""), 1000, closed},
      {"close within a message", begun + websocket_close(1001), 1001, closed},
      {"close within a NATS message", frame(binary, "MSG _INBOX") + websocket_close(1001), 1001, closed},
      {"close and the end", websocket_close(1001), 0, closed, cut_with::fin},
      {"close and a reset", websocket_close(1001), 0, "", cut_with::reset},
      {"close twice", websocket_close(1001) + websocket_close(1000), 1001, closed},
      {"words behind a close", websocket_close(1001) + next, 1001, closed},
  };
  for (const unsigned code : {1000, 1001, 1008, 1011, 1012, 3000, 4999})
    all.push_back({"close " + std::to_string(code), websocket_close(code, "why"), code, closed});
  for (const unsigned code : {0, 999, 1004, 1005, 1006, 1015, 2999})
    all.push_back({"close " + std::to_string(code), websocket_close(code), 1002, "reason code was invalid"});
  for (const unsigned code : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    all.push_back({"opcode " + std::to_string(code), frame(opcode(code), "x"), 1002, "illegal opcode"});
  // Cut after each byte of the headers and here and there in the payload.
  std::string words;
  for (const std::size_t repetitions : {5, 60, 15'000}) {
    words.clear();
    for (std::size_t i = 0; i < repetitions; ++i) words += ok;
    const std::string whole = frame(binary, words);
    for (std::size_t size = 0; size < whole.size(); size = size < 20 ? size + 1 : size * 5) {
      const std::string name = std::to_string(size) + " of " + std::to_string(whole.size()) + " bytes, ";
      all.push_back({name + "FIN", whole.substr(0, size), 0, closed, cut_with::fin});
      all.push_back({name + "RST", whole.substr(0, size), 0, "reset", cut_with::reset});
    }
  }
  std::mt19937 random(84);
  for (int i = 0; i < 30; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    all.push_back({"noise " + std::to_string(i), bytes, 0, "", cut_with::fin});
  }
  return all;
}

// --- upgrades that fail ---------------------------------------------------------------------------------------------

struct bad_answer {
  const char* name;
  std::function<std::string(const std::string& accept)> bytes;
  const char* words;
  std::optional<cut_with> then{};
  errc meaning = errc::connect_failed;
  bool compression = false;  ///< asked for by the client
};

inline auto says(std::string bytes) {
  return [bytes](const std::string&) { return bytes; };
}

/// A whole answer with this instead of that; "?" stands for what is accepted.
inline auto instead(std::string by, std::string that) {
  return [by, that](const std::string& accept) {
    std::string answer = switching_protocols(accept);
    const std::string& place = that == "?" ? accept : that;
    return answer.replace(answer.find(place), place.size(), by);
  };
}

/// A whole answer with these fields, and these frames behind it.
inline auto then_says(std::string frames, std::string fields = {}) {
  return [frames, fields](const std::string& accept) { return switching_protocols(accept, fields) + frames; };
}

inline std::vector<bad_answer> bad_answers() {
  const std::string info = "INFO {\"version\":\"2.10.0\",\"headers\":true,\"max_payload\":1048576}\r\n";
  const std::string page = "Content-Length: 3000\r\n\r\n" + std::string(3000, 'x');
  const std::string deflate =
      "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
      "client_no_context_takeover\r\n";
  const auto frame = [](opcode what, const std::string& bytes, const frame_quirks& quirks = {}) {
    return websocket_frame(what, bytes, quirks);
  };
  using enum opcode;
  const std::string compressed = frame(binary, std::string(100, '\xff'), {.reserved = 4});
  std::string fields;
  for (int i = 0; i < 3000; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
  constexpr auto fin = cut_with::fin;
  constexpr auto protocol = errc::protocol_error;
  return {
      {"another accept", instead("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "?"), "Accept field is invalid"},
      {"empty accept", instead("", "?"), "Accept field is invalid"},
      {"no accept", instead("X-Accept", "Sec-WebSocket-Accept"), "Accept field is missing"},
      {"no upgrade", instead("", "Upgrade: websocket\r\n"), "Upgrade field is missing"},
      {"another upgrade", instead("h2c", "websocket"), "missing the websocket token"},
      {"no connection", instead("", "Connection: Upgrade\r\n"), "Connection field is missing"},
      {"connection closes", instead(": close", ": Upgrade"), "missing the upgrade token"},
      {"HTTP 1.0", instead("HTTP/1.0", "HTTP/1.1"), "not HTTP/1.1"},
      {"HTTP 2", instead("HTTP/2.0", "HTTP/1.1"), "WebSocket"},
      {"200", instead("200", "101"), "answered 200, not 101", fin},
      {"200 with a page", says("HTTP/1.1 200 OK\r\n" + page), "answered 200, not 101"},
      {"301", says("HTTP/1.1 301 Moved\r\nLocation: ws://[::1]:1\r\n" + page), "answered 301"},
      {"400", says("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nno"), "answered 400", fin},
      {"401", says("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n" + page), "answered 401"},
      {"503", says("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n" + page), "answered 503"},
      {"503 in chunks", says("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "503, not"},
      {"503 cut short", says("HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nhalf"), "WebSocket: ", fin},
      {"too large a page", says("HTTP/1.1 503 Busy\r\nContent-Length: 99999999999\r\n\r\n"), "body limit"},
      {"endless fields", says("HTTP/1.1 101 Fine\r\n" + fields), "header limit"},
      {"an endless field", says("HTTP/1.1 101 Fine\r\nX: " + std::string(2'000'000, 'x')), "header limit"},
      {"SSH", says("SSH-2.0-OpenSSH_9.2p1\r\n"), "WebSocket: bad version"},
      {"TLS", says(std::string("\x15\x03\x01\x00\x02\x02\x46", 7)), "WebSocket: ", fin},
      {"NATS", says(info), "WebSocket: bad version"},
      {"the end", says(""), "WebSocket: ", fin},
      {"a reset", says(""), "WebSocket: Connection reset by peer", cut_with::reset},
      {"the end before INFO", then_says(""), "before it sent INFO", fin},
      {"close before INFO", then_says(websocket_close(1008, "go away")), "before it sent INFO"},
      {"answered twice", then_says("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "The WebSocket control"},
      {"INFO without a frame", then_says(info), "The WebSocket control frame was fragmented"},
      {"INFO as text", then_says(frame(text, info)), "no NATS server", {}, protocol},
      {"INFO masked", then_says(frame(binary, info, {.masked = true})), "frame was masked"},
      {"INFO continued", then_says(frame(continuation, info)), "continuation frame was unexpected"},
      {"INFO cut short", then_says(frame(binary, info).substr(0, 40)), "before it sent INFO", fin},
      {"compressed unasked", then_says(compressed, deflate), "reserved bits"},
      {"badly compressed", then_says(compressed, deflate), "block", {}, errc::connect_failed, true},
      {"PONG first", then_says(frame(binary, "PONG\r\n")), "not INFO", {}, protocol},
  };
}

/// After which only the deadline ends the attempt.
inline std::vector<bad_answer> silent_answers() {
  const std::string half = websocket_frame(opcode::binary, "INFO {\"version\":").substr(0, 10);
  return {
      {"nothing", says(""), "no answer"},
      {"half an answer", says("HTTP/1.1 101 Swi"), "no answer"},
      {"half a page", says("HTTP/1.1 503 Busy\r\nContent-Length: 3000\r\n\r\nhalf"), "no answer"},
      {"no INFO", then_says(""), "no INFO"},
      {"half of INFO", then_says(half), "no INFO"},
      {"pings only", then_says(websocket_frame(opcode::ping, "x")), "no INFO"},
  };
}

}  // namespace kvco::test
