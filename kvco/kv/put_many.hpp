// put_many: items go out in their order, many of them unanswered at a time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/detail/texts.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/many.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/options.hpp>
#include <vector>

namespace kvco::kv {

/// @param items  key, value, key, value...
asio::awaitable<std::vector<put_outcome>> put_many(bucket_ptr bucket, detail::texts items,
                                                   put_many_options options, progress* done);

}  // namespace kvco::kv
