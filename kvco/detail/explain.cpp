// The way of an error's text beside its code: net/operation calls a handler inside an explanation, message() reads it.
#include <kvco/detail/explain.hpp>

#include <utility>

namespace kvco {
namespace detail {
namespace {

explained_error& last_error() noexcept {
  thread_local explained_error last;
  return last;
}

}  // namespace

explanation::explanation(error_code code, std::string detail) noexcept : explains_(static_cast<bool>(code)) {
  if (!explains_) return;
  outer_ = std::exchange(last_error(), explained_error{code, std::move(detail), true});
}

explanation::~explanation() {
  if (!explains_) return;
  if (outer_.active) {
    last_error() = std::move(outer_);
  } else {
    last_error().active = false;  // the text stays for error_detail()
  }
}

void append_explanation(std::string& message, const boost::system::error_category& category, int value) {
  const explained_error& last = last_error();
  if (!last.active || last.detail.empty()) return;
  if (last.code.value() != value || last.code.category() != category) return;
  if (last.detail.starts_with(message)) {  // the server's own words, "wrong last sequence: 7": once is enough
    message = last.detail;
    return;
  }
  message += ": ";
  message += last.detail;
}

}  // namespace detail

const std::string& error_detail() noexcept { return detail::last_error().detail; }

}  // namespace kvco
