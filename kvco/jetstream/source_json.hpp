// Mirrors and sources: bucket_source <-> the JSON of a stream's configuration.
#pragma once

#include <boost/json/object.hpp>
#include <kvco/jetstream/json_fields.hpp>
#include <kvco/stream_source.hpp>
#include <string>
#include <string_view>

namespace kvco::jetstream {

/// The name of the stream that is copied: KV_<name>, or `name` itself if it has subject transforms.
std::string origin_stream(const bucket_source& origin);
/// The prefix of the API of the origin, e.g. `$JS.hub.API.`; empty: that of the stream which copies it.
std::string origin_api(const bucket_source& origin);
/// Both together, for comparisons; empty: `origin` is not set.
std::string origin_id(const bucket_source& origin);

boost::json::object mirror_json(const bucket_source& origin);
/// A source of `bucket`; if it has no transforms, it gets the default one, which keeps the keys (ADR-57).
boost::json::object source_json(const bucket_source& origin, std::string_view bucket);
/// Whether the source needs subject transforms (server 2.10).
bool is_transformed(const bucket_source& origin, std::string_view bucket);

bucket_source read_mirror(json_fields fields);
/// The inverse of source_json(): a default transform is removed.
bucket_source read_source(json_fields fields, std::string_view bucket);

}  // namespace kvco::jetstream
