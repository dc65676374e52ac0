// Shared by the error categories: a text for each code, and the text of an exception that is being made of
// one.
#pragma once

#include <kvco/detail/explain.hpp>
#include <string>

namespace kvco::detail {

// Boost's destructor is protected and not virtual, as it should be. g++ warns all the same as the class has friends.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class category : public boost::system::error_category {
#pragma GCC diagnostic pop
 public:
  std::string message(int value) const final {
    std::string message = text(value);
    exception_text::append_to(message, *this, value);
    return message;
  }

 protected:
  ~category() = default;

 private:
  virtual std::string text(int value) const = 0;
};

}  // namespace kvco::detail
