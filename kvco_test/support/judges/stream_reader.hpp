// Reads all that a bucket holds, without kvco: what the checkers take for the truth.
#pragma once

#include <cstdint>
#include <kvco_test/support/judges/history.hpp>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace kvco::test {

/// A replica has less than the leader counts, and no more comes.
struct messages_missing : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws messages_missing, or std::runtime_error with the server's words. To be called when nobody writes.
/// @param ports    of servers that know the stream; the first one is asked first
/// @param ops      whose key numbers and values are meant
/// @param kept     so many revisions the bucket keeps of a key
stored_stream read_stream(const std::vector<std::uint16_t>& ports, std::string_view bucket, history& ops,
                          std::size_t kept);

/// Compares what the replica of one node holds with the truth: every `step`-th revision, by direct get, which a node answers
/// itself. The first difference in words; empty if there is none. A replica that lacks a revision is not blamed.
std::string replica_difference(std::uint16_t port, std::string_view bucket, const stored_stream& truth,
                               const history& ops, std::size_t step);

}  // namespace kvco::test
