// The plan of a watch's filters, which is made without the server.
#pragma once

#include <bench/task.hpp>

namespace kvco::bench {

/// As many exact keys as the task has operations, planned once.
outcome plan_filters(const task& what);

}  // namespace kvco::bench
