// Takes received entries from a watch, or waits for them. See watcher for the result of each function.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/entry.hpp>
#include <kvco/kv/watch.hpp>
#include <memory>
#include <optional>
#include <vector>

namespace kvco::kv {

namespace asio = boost::asio;

/// False: the handle is empty, and the operations below complete with errc::closed.
bool is_usable(const std::shared_ptr<watch>& watch);

asio::awaitable<std::optional<entry>> next(std::shared_ptr<watch> from);
asio::awaitable<std::optional<entry>> next_initial(std::shared_ptr<watch> from);
asio::awaitable<std::optional<std::vector<entry>>> next_batch(std::shared_ptr<watch> from);

detail::operation_ptr<std::optional<entry>> prepare_next(const std::shared_ptr<watch>& from);
detail::operation_ptr<std::optional<entry>> prepare_next_initial(const std::shared_ptr<watch>& from);
detail::operation_ptr<std::optional<std::vector<entry>>> prepare_next_batch(
    const std::shared_ptr<watch>& from);

}  // namespace kvco::kv
