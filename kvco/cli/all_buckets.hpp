// The state of all buckets: shared by ls and top.
#pragma once

#include <kvco/bucket_status.hpp>
#include <kvco/cli/command.hpp>
#include <string>
#include <vector>

namespace kvco::cli {

/// In the order of their names. A bucket that is deleted meanwhile may be left out, and one that no server reports is, with a complaint.
asio::awaitable<std::vector<bucket_status>> statuses(command_ptr call, client nats);

}  // namespace kvco::cli
