// Takes received entries from a watch, or waits for them. See watcher for the result of each function.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kvco/detail/operation.hpp>
#include <kvco/entry.hpp>
#include <kvco/kv/watch.hpp>
#include <kvco/net/take.hpp>
#include <memory>
#include <optional>
#include <vector>

namespace kvco::kv {

namespace asio = boost::asio;

using maybe_entry = std::optional<entry>;
using maybe_batch = std::optional<std::vector<entry>>;

asio::awaitable<maybe_entry> next(std::shared_ptr<watch> from);
asio::awaitable<maybe_entry> next_initial(std::shared_ptr<watch> from);
asio::awaitable<maybe_batch> next_batch(std::shared_ptr<watch> from, std::size_t max);

/// The same with the error as a value.
asio::awaitable<ended_with<maybe_entry>> next_as_tuple(std::shared_ptr<watch> from);
asio::awaitable<ended_with<maybe_entry>> next_initial_as_tuple(std::shared_ptr<watch> from);
asio::awaitable<ended_with<maybe_batch>> next_batch_as_tuple(std::shared_ptr<watch> from, std::size_t max);

detail::operation_ptr<maybe_entry> prepare_next(const std::shared_ptr<watch>& from);
detail::operation_ptr<maybe_entry> prepare_next_initial(const std::shared_ptr<watch>& from);
detail::operation_ptr<maybe_batch> prepare_next_batch(const std::shared_ptr<watch>& from, std::size_t max);
/// Until the watch is established, or has ended.
detail::operation_ptr<> prepare_ready(const std::shared_ptr<watch>& from);

}  // namespace kvco::kv
