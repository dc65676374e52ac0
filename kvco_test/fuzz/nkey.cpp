// Any bytes as an NKey seed: decoded or refused, and what is decoded is the key of exactly that text.
#include <kvco/core/nkey.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }
bool is_base32(char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const kvco::core::decoded_nkey got = kvco::core::decode_nkey(text);
  require(static_cast<bool>(got.key) != static_cast<bool>(got.refused));
  require(std::all_of(got.refused.detail.begin(), got.refused.detail.end(), is_plain));
  require(got.refused.detail.size() < 200);
  if (size >= 8 && std::all_of(text.begin(), text.end(), is_base32)) {
    require(got.refused.detail.find(text) == std::string::npos);
  }
  if (!got.key) return 0;
  require(size == 58 && text.starts_with("SU"));
  require(got.key.public_key().size() == 56 && got.key.public_key().starts_with("U"));
  require(got.key.sign(text).size() == 86);
  require(static_cast<bool>(kvco::core::decode_nkey(got.key.public_key()).refused));
  return 0;
}
