// How a call of the command ends. See the header.
#include <kvco/cli/exit_code.hpp>

namespace kvco::cli {
namespace {

constexpr explained_code codes[] = {
    {"0", "done"},
    {"1", "any other error"},
    {"2", "the command line, or a name that breaks a rule: nothing was sent"},
    {"3", "no such key, revision or bucket"},
    {"4", "another revision or configuration than expected; diff: the buckets differ"},
    {"5", "a write was sent and not answered: it may have been stored"},
    {"75", "no server, no answer in time, or a lock that is held: try again"},
    {"130", "interrupted by SIGINT, SIGTERM or SIGHUP"},
};

}  // namespace

std::span<const explained_code> all_exit_codes() noexcept { return codes; }

exit_code exit_code_of(const error_code& code) noexcept {
  const std::optional<errc> why = meaning(code);
  if (!why) return exit_code::error;
  switch (*why) {
    case errc::invalid_key:
    case errc::invalid_filter:
    case errc::invalid_subject:
    case errc::invalid_bucket_name:
    case errc::invalid_argument:
    case errc::invalid_url:
      return exit_code::usage;
    case errc::bucket_not_found:
      return exit_code::not_found;
    case errc::key_exists:
    case errc::wrong_last_revision:
    case errc::bucket_exists:
      return exit_code::conflict;
    case errc::outcome_unknown:
      return exit_code::outcome_unknown;
    case errc::timeout:
    case errc::unavailable:
    case errc::connect_failed:
    case errc::connection_lost:
      return exit_code::try_again;
    default:
      return exit_code::error;
  }
}

std::string words_of(const boost::system::system_error& thrown) {
  std::string words = thrown.what();
  const std::string number = " [" + thrown.code().to_string();
  if (const std::size_t at = words.rfind(number); at != words.npos) words.erase(at);
  return words;
}

}  // namespace kvco::cli
