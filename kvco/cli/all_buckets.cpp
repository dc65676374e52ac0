// The state of all buckets. See the header.
#include <kvco/bucket_listing.hpp>
#include <kvco/cli/all_buckets.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace kvco::cli {

asio::awaitable<std::vector<bucket_status>> statuses(command_ptr call, client nats) {
  bucket_listing<bucket_status> all = list_bucket_statuses(nats, {.diag = &call->why});
  std::vector<bucket_status> out;
  while (std::optional<bucket_status> each = co_await all.next()) {
    if (is_reported(*each)) {
      out.push_back(std::move(*each));
    } else {
      complain("bucket " + each->config.name() + " is left out: no server reports its state");
    }
  }
  std::sort(out.begin(), out.end(),
            [](const bucket_status& a, const bucket_status& b) { return a.config.name() < b.config.name(); });
  co_return out;
}

}  // namespace kvco::cli
