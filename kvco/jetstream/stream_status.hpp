// What STREAM.INFO says beyond the configuration.
#pragma once

#include <kvco/bucket_status.hpp>
#include <kvco/jetstream/json_fields.hpp>

namespace kvco::jetstream {

/// @param reply  with the objects config, state, cluster, mirror and the list sources
void read_stream_status(json_fields reply, stream_status& to);

}  // namespace kvco::jetstream
