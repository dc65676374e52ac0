// Does the work, in a process of its own: reads tasks from its standard input, carries them out, and prints
// the measurements.
#pragma once

#include <bench/task.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kvco::bench {

/// The works that a contestant offers, by their names in task::work.
using works = std::map<std::string_view, std::function<outcome(const task&)>>;

/// Does tasks until the input ends.
int serve(const works& offered);

/// The server of NATS_URL.
std::string server_url();
/// The same for its user `denied`, which bench/run gives no right to publish to the bucket.
std::string denied_url();
/// The file of the authority that has signed the server's certificate, from KVCO_BENCH_CA; empty: not set.
std::string server_authority();

}  // namespace kvco::bench
