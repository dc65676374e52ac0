// Passes the details of an error to its handler: handlers are called inside an explanation.
#include <kvco/detail/explain.hpp>

#include <boost/system/system_error.hpp>
#include <utility>

namespace kvco {
namespace detail {
namespace {

struct last_error {
  diagnostics known;
  bool active = false;  // a handler is being called with it
  error_code thrown;    // the next message() of this code has the text
};

last_error& last() noexcept {
  thread_local last_error of_this_thread;
  return of_this_thread;
}

}  // namespace

explanation::explanation(diagnostics known) noexcept
    : outer_(std::exchange(last().known, std::move(known))), is_nested_(std::exchange(last().active, true)) {}

explanation::~explanation() {
  if (is_nested_) {
    last().known = std::move(outer_);
  } else {
    last().active = false;  // it stays for error_detail()
  }
}

const diagnostics& explained() noexcept { return last().known; }

exception_text::exception_text(const error_code& code) noexcept
    : outer_(std::exchange(last().thrown, code)) {}
exception_text::~exception_text() { last().thrown = outer_; }

void exception_text::append_to(std::string& message, const boost::system::error_category& category,
                               int value) {
  last_error& now = last();
  if (!now.thrown || now.thrown != error_code(value, category)) return;
  now.thrown = {};
  const std::string& text = now.known.text;
  if (text.starts_with(message)) {  // the server's own words, "wrong last sequence: 7": once is enough
    message = text;
  } else if (!text.empty()) {
    message += ": " + text;
  }
}

void throw_error(const error_code& code, std::string text) {
  const explanation explained({.text = std::move(text)});
  const exception_text in_what(code);
  throw boost::system::system_error(code);
}

}  // namespace detail

const std::string& error_detail() noexcept { return detail::explained().text; }

}  // namespace kvco
