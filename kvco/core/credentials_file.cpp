// The text of a .creds file, or of a seed file -> the key that signs and its JWT.
#include <kvco/core/credentials_file.hpp>

#include <algorithm>
#include <kvco/detail/concat.hpp>
#include <kvco/wire/text.hpp>
#include <optional>
#include <string>
#include <utility>

namespace kvco::core {
namespace {

using detail::concat;
using detail::refusal;

// Takes the next line off, without its end and the blanks around it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return wire::trim(line);
}

// The words between the dashes of "-----BEGIN NATS USER JWT-----"; nothing for another line. The tools write
// five dashes in front of BEGIN and six in front of END, their parsers ask for three.
std::optional<std::string_view> label_of(std::string_view line) {
  if (!line.starts_with("---") || !line.ends_with("---")) return {};
  const std::size_t first = line.find_first_not_of('-');
  if (first == line.npos) return {};  // a rule between comments
  return wire::trim(line.substr(first, line.find_last_not_of('-') - first + 1));
}

struct block {
  std::string_view content;  // empty: there is no such block, or nothing in it
  std::string wrong;         // the second half of a sentence; empty: fine
};

// Reads the one line of a block, to the line that ends it.
block read_block(std::string_view text) {
  block out;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (const auto label = label_of(line)) {
      if (!label->starts_with("END")) return {{}, "has no line that ENDs it"};
      if (out.content.empty()) out.wrong = "is empty";
      return out;
    }
    if (line.empty()) continue;
    if (!out.content.empty()) return {{}, "has more than one line"};
    out.content = line;
  }
  return {{}, "has no line that ENDs it"};
}

// The first block whose label has that word. Account and operator files differ in the words around it.
block find_block(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    const auto label = label_of(take_line(text));
    if (label && label->starts_with("BEGIN") && label->find(word) != label->npos) return read_block(text);
  }
  return {{}, "is missing"};
}

constexpr std::string_view jwt_block = "the block NATS USER JWT";
constexpr std::string_view seed_block = "the block USER NKEY SEED";

parsed_credentials refuse(std::string_view block_name, std::string_view wrong) {
  return {{}, {client_error::credentials_malformed, concat(block_name, " ", wrong)}};
}

parsed_credentials with_seed(std::string_view jwt, std::string_view seed) {
  decoded_nkey decoded = decode_nkey(seed);
  if (decoded.refused) return {{}, std::move(decoded.refused)};
  return {{detail::secret(jwt), detail::secret(seed), std::move(decoded.key)}, {}};
}

bool is_base64url(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '=';
  });
}

}  // namespace

bool is_jwt(std::string_view text) noexcept {
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == text.npos || first == last) return false;
  return is_base64url(text.substr(0, first)) && is_base64url(text.substr(first + 1, last - first - 1)) &&
         is_base64url(text.substr(last + 1));
}

parsed_credentials parse_credentials_file(std::string_view text) {
  const block jwt = find_block(text, "JWT");
  if (!jwt.wrong.empty()) return refuse(jwt_block, jwt.wrong);
  if (!is_jwt(jwt.content))
    return refuse(jwt_block, "has no JWT: three parts of base64url with dots between");
  const block seed = find_block(text, "SEED");
  if (!seed.wrong.empty()) return refuse(seed_block, seed.wrong);
  return with_seed(jwt.content, seed.content);
}

parsed_credentials parse_seed_file(std::string_view text) {
  // One word that starts as any seed or other key does, so that a key of a wrong kind is named.
  const auto looks_like_key = [](std::string_view line) {
    return line.size() >= 40 && line.find_first_of(" \t") == line.npos && (line[0] >= 'A' && line[0] <= 'Z');
  };
  if (const block seed = find_block(text, "SEED"); seed.wrong != "is missing") {
    if (!seed.wrong.empty()) return refuse(seed_block, seed.wrong);
    return with_seed({}, seed.content);
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = take_line(rest);
    if (looks_like_key(line) || (line.starts_with("SU") && line.find(' ') == line.npos)) {
      return with_seed({}, line);
    }
  }
  return refuse("the text", "has no line with the seed of a user (SU...)");
}

}  // namespace kvco::core
