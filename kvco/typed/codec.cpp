// The errors of codecs.
#include <kvco/typed/codec.hpp>

#include <exception>
#include <kvco/detail/explain.hpp>

namespace kvco {

void throw_error(const value_error& why) { detail::throw_error(why.code, why.text); }

namespace detail {

value_error caught(client_error meaning) {
  try {
    throw;
  } catch (const std::exception& thrown) {
    return {meaning, thrown.what()};
  } catch (...) {
    return {meaning, "the codec has thrown what is no std::exception"};
  }
}

}  // namespace detail
}  // namespace kvco
