// INFO's JSON -> server_info, and CONNECT's JSON.
#pragma once

#include <boost/system/result.hpp>
#include <kvco/error.hpp>
#include <kvco/server_info.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace kvco::wire {

/// Reads INFO. Unknown fields are ignored, missing ones keep their defaults, connect_urls that are not
/// strings are left out; a text that is not a JSON object, or has a known field of a wrong type, is
/// malformed_info.
boost::system::result<server_info> parse_info(std::string_view json);

/// Major and minor of a version such as "2.10.27-beta"; {0, 0} if it is malformed or a number is too large.
std::pair<int, int> read_version(std::string_view version) noexcept;

/// The fields of CONNECT.
struct connect_fields {
  std::string_view name = {}, user = {}, password = {}, token = {};
  // The signature of INFO's nonce, and the public key or the JWT that it belongs to.
  std::string_view jwt = {}, nkey = {}, sig = {};
  bool verbose = false;
};

/// CONNECT's JSON: `"headers":true,"no_responders":true,"protocol":1`, language and version, credentials.
std::string connect_json(const connect_fields& fields);

}  // namespace kvco::wire
