// The version of the library.
#pragma once

#include <string_view>

namespace kvco {

inline constexpr int version_major = 0;                      ///< another one: another API
inline constexpr int version_minor = 1;                      ///< while version_major is 0: another API
inline constexpr int version_patch = 0;                      ///< the same API
inline constexpr std::string_view version_string = "0.1.0";  ///< all three

}  // namespace kvco
