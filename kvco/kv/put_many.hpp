// put_many: items go out in their order, many of them unanswered at a time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/detail/texts.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/kv/many_writer.hpp>
#include <kvco/many.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/options.hpp>
#include <vector>

namespace kvco::kv {

/// @param items  key, value, key, value...
asio::awaitable<std::vector<put_outcome>> put_many(bucket_ptr bucket, detail::texts items,
                                                   put_many_options options, progress* done);

/// Refuses options that are out of range.
void check_limits(const put_many_options& options);

/// The same for other writes than puts; the options are checked.
/// @param header  of the items; its keys may be those that other clients have stored
asio::awaitable<std::vector<put_outcome>> write_many(bucket_ptr bucket, detail::texts items,
                                                     header_of_item header, put_many_options options,
                                                     progress* done);

}  // namespace kvco::kv
