// Operations of more than one step.
#include <kvco/net/task.hpp>

#include <kvco/net/memory.hpp>
#include <system_error>

namespace kvco::net {

std::pair<error_code, std::string> explain(const std::exception_ptr& thrown) {
  if (!thrown) return {};
  try {
    std::rethrow_exception(thrown);
  } catch (failure& known) {
    return {known.code(), known.take_words()};
  } catch (const boost::system::system_error& other) {
    return {other.code(), {}};
  } catch (const std::system_error& other) {
    return {other.code(), other.what()};
  } catch (const std::bad_alloc&) {
    return {no_memory, {}};
  }
}

}  // namespace kvco::net
