// A range that drives the reactor until the next entry has come.
#include <kvco/blocking.hpp>

#include <boost/system/system_error.hpp>
#include <memory>

namespace kvco {
namespace {

// Shared with the handler, which may outlive the call when the reactor is stopped.
struct arrival {
  bool complete = false;
  error_code code;
  std::string detail;
  std::optional<entry> value;
};

}  // namespace

void blocking_range::advance() {
  current_.reset();
  const auto next = std::make_shared<arrival>();
  watch_.next([next](error_code code, std::optional<entry> value) {
    next->complete = true;
    next->code = code;
    if (code) next->detail = error_detail();
    next->value = std::move(value);
  });
  if (reactor_.stopped()) reactor_.restart();
  while (!next->complete && reactor_.run_one() != 0) {
  }
  if (!next->complete) throw boost::system::system_error(client_error::closed, "the reactor was stopped");
  if (next->code) throw boost::system::system_error(next->code, next->detail);
  current_ = std::move(next->value);
}

}  // namespace kvco
