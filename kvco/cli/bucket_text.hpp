// Buckets and entries -> the tables and blocks of the nats tool.
#pragma once

#include <kvco/bucket_status.hpp>
#include <kvco/cli/table.hpp>
#include <kvco/cli/texts.hpp>
#include <kvco/entry.hpp>
#include <string>
#include <vector>

namespace kvco::cli {

/// "Key-Value Buckets".
table table_of(const std::vector<bucket_status>& all, time_point now);
/// "Information for Key-Value Store Bucket ...".
std::string block_of(const bucket_status& of);
std::string json_of(const bucket_status& of);

/// Sorted, a line for each: the key, or a JSON object.
std::string lines_of_keys(std::vector<std::string> keys, bool as_json);
/// "History for B > K".
table table_of_history(const std::string& bucket, const std::string& key, const std::vector<entry>& all);
/// "Contents for bucket 'B'".
table table_of_contents(const std::string& bucket, const std::vector<entry>& all, bool values);
/// "B > K created @ 12 Oct 23 15:31 UTC", a blank line, the value.
std::string block_of(const entry& e);
/// An entry without its value.
std::string json_of_meta(const entry& e);

}  // namespace kvco::cli
