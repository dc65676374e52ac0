// get, and get of a revision: one request, one stored message or none.
#pragma once

#include <kvco/entry.hpp>
#include <kvco/net/bucket_state.hpp>
#include <kvco/net/operation.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <string_view>

namespace kvco::net {

struct read_request {
  std::string_view key;
  std::optional<revision> rev;  // not set: the last one
  get_options options{};
};

detail::operation_ptr<std::optional<entry>> make_read(bucket_ptr bucket, const read_request& request);

}  // namespace kvco::net
