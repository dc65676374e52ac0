// Any bytes as a .creds file and as a seed file: what is read stands in the text, what is refused is not
// shown.
#include <kvco/core/credentials_file.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using kvco::core::parsed_credentials;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

void check(const parsed_credentials& got, std::string_view text, bool with_jwt) {
  const std::string& detail = got.refused.detail;
  require(static_cast<bool>(got.value.key) != static_cast<bool>(got.refused));
  require(std::all_of(detail.begin(), detail.end(), is_plain) && detail.size() < 200);
  require(got.value.seed.empty() == static_cast<bool>(got.refused));
  require(got.value.jwt.empty() == (static_cast<bool>(got.refused) || !with_jwt));
  require(text.find(got.value.jwt.view()) != text.npos && text.find(got.value.seed.view()) != text.npos);
  require(!with_jwt || got.refused || kvco::core::is_jwt(got.value.jwt.view()));
}

}  // namespace

// fault: 37
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(kvco::core::parse_credentials_file(text), text, true);
  check(kvco::core::parse_seed_file(text), text, false);
  return 0;
}
