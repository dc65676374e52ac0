// Bytes on their way between the peers: lower-case hex digits.
#pragma once

#include <absl/strings/escaping.h>

#include <string>
#include <string_view>

namespace kvco::test {

inline std::string to_hex(std::string_view bytes) {
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}

inline std::string from_hex(std::string_view hex) { return absl::HexStringToBytes({hex.data(), hex.size()}); }

}  // namespace kvco::test
