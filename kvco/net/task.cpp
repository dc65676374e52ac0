// Operations of more than one step.
#include <kvco/net/task.hpp>

namespace kvco::net {

std::pair<error_code, std::string> explain(const std::exception_ptr& thrown) {
  if (!thrown) return {};
  try {
    std::rethrow_exception(thrown);
  } catch (const failure& known) {
    return {known.code(), known.words()};
  } catch (const boost::system::system_error& other) {
    return {other.code(), {}};
  }
}

}  // namespace kvco::net
