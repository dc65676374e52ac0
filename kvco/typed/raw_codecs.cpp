// The errors of numbers.
#include <kvco/typed/raw_codecs.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>

namespace kvco::detail {

value_error not_a_number(std::string_view stored, std::errc why, bool is_integer) {
  const std::string_view problem = why == std::errc::result_out_of_range ? "the number is out of range"
                                   : is_integer                          ? "not a decimal integer"
                                                                         : "not a decimal number";
  return value_error(concat(problem, ": ", printable(stored)));
}

}  // namespace kvco::detail
