// How a call of the command ends: a number for scripts, words for people.
#pragma once

#include <boost/system/system_error.hpp>
#include <kvco/error.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kvco::cli {

/// The codes of the command. Those of the command that `lock` runs are its own.
enum class exit_code : int {
  ok = 0,
  error = 1,
  usage = 2,
  not_found = 3,
  conflict = 4,
  outcome_unknown = 5,
  try_again = 75,     // EX_TEMPFAIL
  interrupted = 130,  // by SIGINT or SIGTERM, as a shell reports it
};

/// For the help and the manual page.
struct explained_code {
  std::string_view number, meaning;
};
std::span<const explained_code> all_exit_codes() noexcept;

/// A call that cannot succeed, and why.
class failure : public std::runtime_error {
 public:
  failure(exit_code code, const std::string& words) : std::runtime_error(words), code_(code) {}
  exit_code code() const noexcept { return code_; }

 private:
  exit_code code_;
};

inline failure usage_error(const std::string& words) { return {exit_code::usage, words}; }

/// The exit code for an error of the library.
exit_code exit_code_of(const error_code& code) noexcept;
/// The words of an exception without the number of the code.
std::string words_of(const boost::system::system_error& thrown);

}  // namespace kvco::cli
