// get_many: by multi_last where the server knows it, else by many single reads at once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/detail/texts.hpp>
#include <kvco/entry.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <vector>

namespace kvco::kv {

asio::awaitable<std::vector<std::optional<entry>>> get_many(bucket_ptr bucket, detail::texts keys,
                                                            get_options options);

}  // namespace kvco::kv
