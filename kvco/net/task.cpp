// Operations of more than one step.
#include <kvco/net/task.hpp>

#include <kvco/net/memory.hpp>
#include <system_error>

namespace kvco::net {

error_code explain(const std::exception_ptr& thrown, diagnostics& known) {
  if (!thrown) return {};
  try {
    std::rethrow_exception(thrown);
  } catch (failure& why) {
    known.text = why.take_words();
    known.server_code = why.server_code();
    return why.code();
  } catch (const boost::system::system_error& other) {
    return other.code();
  } catch (const std::system_error& other) {
    known.text = other.what();
    return other.code();
  } catch (const std::bad_alloc&) {
    return no_memory;
  }
}

}  // namespace kvco::net
