// Bytes on their way between the peers: lower-case hex digits.
#pragma once

#include <boost/algorithm/hex.hpp>
#include <string>
#include <string_view>

namespace kvco::test {

inline std::string to_hex(std::string_view bytes) { return boost::algorithm::hex_lower(std::string(bytes)); }

inline std::string from_hex(std::string_view hex) { return boost::algorithm::unhex(std::string(hex)); }

}  // namespace kvco::test
