// A bucket's configuration as it was asked for, beside that of the server.
#pragma once

#include <kvco/bucket_config.hpp>
#include <kvco/jetstream/replies.hpp>
#include <string>
#include <string_view>

namespace kvco::jetstream {

/// Names the requested settings that the echo of an old server lacks (compression, metadata,
/// limit_marker_ttl, and those of copies); empty if it has all.
/// @param all  true: a creation, with all values, set or not; false: an update, which requests only the
/// values set
std::string missing_in_echo(const bucket_config& asked, const stream_info& echo, bool all);

/// The settings of `asked` that are not those of the bucket: "history is 1, not 5; sources". Empty: it has all of them.
/// @param with_defaults  true: all values; false: those that are set
std::string differences(const bucket_config& asked, const bucket_config& bucket, bool with_defaults);

/// The STREAM.UPDATE of a stream for which STREAM.CREATE of `asked` was refused (10058), where the only difference is the discard
/// policy: ADR-8 has one value of it, and a tool may have set another. Empty: it differs in more, or not in that.
std::string discard_repair_request(const bucket_config& asked, const stream_info& found);

}  // namespace kvco::jetstream
