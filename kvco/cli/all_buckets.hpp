// The state of all buckets: shared by ls and top.
#pragma once

#include <kvco/bucket_status.hpp>
#include <kvco/cli/command.hpp>
#include <string>
#include <vector>

namespace kvco::cli {

/// In the order of the names. A bucket that is deleted meanwhile is left out.
asio::awaitable<std::vector<bucket_status>> statuses(command_ptr call, client nats,
                                                     std::vector<std::string> names);

}  // namespace kvco::cli
