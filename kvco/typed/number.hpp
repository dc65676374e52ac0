// Which types are numbers for codecs.
#pragma once

#include <concepts>

namespace kvco {

/// Integers and floating point numbers; not bool, and not characters.
template <class T>
concept number = (std::integral<T> || std::floating_point<T>)&&!std::same_as<T, bool> &&
                 !std::same_as<T, char> && !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                 !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

}  // namespace kvco
