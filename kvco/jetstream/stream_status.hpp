// The state in a reply to STREAM.INFO, besides the configuration of the bucket.
#pragma once

#include <kvco/bucket_status.hpp>
#include <kvco/jetstream/json_fields.hpp>

namespace kvco::jetstream {

/// @param reply  has the objects config, state, cluster and mirror, and the list sources
void read_stream_status(json_fields reply, stream_status& to);

}  // namespace kvco::jetstream
