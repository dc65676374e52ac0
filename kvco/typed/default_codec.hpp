// The codec of a type for which none is named.
#pragma once

#include <cstddef>
#include <kvco/typed/json_codec.hpp>
#include <kvco/typed/raw_codecs.hpp>
#include <string>
#include <vector>

namespace kvco {

namespace detail {

template <class T>
struct default_codec_of {
  using type = json_codec<T>;
};
template <>
struct default_codec_of<std::string> {
  using type = text_codec;
};
template <>
struct default_codec_of<std::vector<std::byte>> {
  using type = bytes_codec;
};
template <number T>
struct default_codec_of<T> {
  using type = number_codec<T>;
};

}  // namespace detail

/// std::string, std::vector<std::byte> and numbers are stored as they are (text_codec, bytes_codec, number_codec), all else as JSON.
template <class T>
using default_codec = typename detail::default_codec_of<T>::type;

}  // namespace kvco
