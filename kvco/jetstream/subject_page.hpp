// STREAM.INFO with the names of subjects: the keys that a stream has, without a consumer.
#pragma once

#include <cstdint>
#include <kvco/jetstream/replies.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::jetstream {

/// The names of the subjects that match, in the order of their bytes: up to 100 000 of them, from this one on. (A negative offset
/// ends a server of 2.9.)
std::string subject_page_request(std::string_view filter, std::uint64_t offset);

struct subject_page {
  std::vector<std::string> subjects;  // sorted
  std::uint64_t total = 0;            // the number of all that match
};
outcome<subject_page> parse_subject_page(std::string_view json);

}  // namespace kvco::jetstream
