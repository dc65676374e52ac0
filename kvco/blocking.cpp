// A range that drives the reactor until the next entry has come.
#include <kvco/blocking.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <kvco/detail/explain.hpp>
#include <memory>

namespace kvco {
namespace {

// Shared with the handler, which may outlive the call when the reactor is stopped.
struct arrival {
  boost::asio::cancellation_signal cancel;
  bool complete = false;
  error_code code;
  std::string text;
  std::optional<entry> value;
};

}  // namespace

void blocking_range::advance() {
  current_.reset();
  const auto next = std::make_shared<arrival>();
  // However it ends: the entry that did not come yet is for the next call.
  struct cancel_rest {
    arrival& next;
    ~cancel_rest() {
      if (!next.complete) next.cancel.emit(boost::asio::cancellation_type::terminal);
    }
  } guard{*next};
  watch_.next(boost::asio::bind_cancellation_slot(next->cancel.slot(),
                                                  [next](error_code code, std::optional<entry> value) {
                                                    next->complete = true;
                                                    next->code = code;
                                                    if (code) next->text = error_detail();
                                                    next->value = std::move(value);
                                                  }));
  if (reactor_.stopped()) reactor_.restart();
  while (!next->complete && reactor_.run_one() != 0) {
  }
  if (!next->complete) detail::throw_error(client_error::closed, "the reactor was stopped");
  if (next->code) detail::throw_error(next->code, std::move(next->text));
  current_ = std::move(next->value);
}

}  // namespace kvco
