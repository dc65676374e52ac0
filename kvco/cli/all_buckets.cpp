// The state of all buckets. See the header.
#include <kvco/cli/all_buckets.hpp>
#include <kvco/token.hpp>

namespace kvco::cli {

asio::awaitable<std::vector<bucket_status>> statuses(command_ptr call, client nats,
                                                     std::vector<std::string> names) {
  std::vector<bucket_status> out;
  for (const std::string& name : names) {
    auto [missing, one] = co_await nats.open_bucket(name, {.diag = &call->why}, nothrow);
    if (missing == errc::bucket_not_found) continue;
    if (missing) throw boost::system::system_error(missing, call->why.text);
    out.push_back(co_await one.status({.diag = &call->why}));
  }
  co_return out;
}

}  // namespace kvco::cli
