// For Abseil's tables with texts as keys: finds std::string_view too, which is not absl::string_view in every build of Abseil.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace kvco::detail {

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
};

}  // namespace kvco::detail
