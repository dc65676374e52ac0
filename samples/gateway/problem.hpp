// Errors as HTTP problem details (RFC 9457, application/problem+json).
#pragma once

#include <boost/json/object.hpp>
#include <kvco/diagnostics.hpp>
#include <kvco/error.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "http.hpp"

namespace gateway {

/// A constructor, because g++ 12 destroys a temporary aggregate in a co_await expression twice.
struct problem {
  problem(unsigned of_status, std::string of_name, std::string of_detail)
      : status(of_status), name(std::move(of_name)), detail(std::move(of_detail)) {}

  unsigned status;
  std::string name;    ///< the last part of `type`: "wrong-last-revision"
  std::string detail;  ///< of this occurrence
};

/// Why an operation on a bucket has failed.
problem problem_of(const kvco::error_code& error, std::string_view detail = {});

boost::json::object object_of(const problem& from);
/// `members` are added to the object.
response to_response(const problem& from, boost::json::object members = {});

/// The text for a status of HTTP: "Not Found".
std::string_view title_of(unsigned status) noexcept;

}  // namespace gateway
