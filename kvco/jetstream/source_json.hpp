// Mirrors and sources: bucket_source <-> the JSON of a stream's configuration.
#pragma once

#include <boost/json/object.hpp>
#include <kvco/jetstream/json_fields.hpp>
#include <kvco/stream_source.hpp>
#include <string>
#include <string_view>

namespace kvco::jetstream {

/// The stream that is copied: KV_<name>, or the name as it is where its subjects are transformed.
std::string origin_stream(const bucket_source& origin);
/// The prefix of the API that it belongs to, as `$JS.hub.API.`; empty: that of the stream which copies it.
std::string origin_api(const bucket_source& origin);
/// Both, to compare with.
std::string origin_id(const bucket_source& origin);

boost::json::object mirror_json(const bucket_source& origin);
/// Of a source of `bucket`: with the transform of its keys where none is given (ADR-57).
boost::json::object source_json(const bucket_source& origin, std::string_view bucket);
/// Does it need transforms of the server (2.10)?
bool is_transformed(const bucket_source& origin, std::string_view bucket);

bucket_source read_mirror(json_fields fields);
/// What source_json() has put in is left out again.
bucket_source read_source(json_fields fields, std::string_view bucket);

}  // namespace kvco::jetstream
