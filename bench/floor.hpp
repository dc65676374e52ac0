// The floor: the server's speed with a client that does no work at all (raw.hpp). One function for each work.
#pragma once

#include <bench/contestant.hpp>
#include <bench/raw.hpp>
#include <string>
#include <string_view>

namespace kvco::bench {

works floor_works();

namespace floor_client {

outcome operations(raw_client& raw, const task& what);  ///< put, get, update, mixed
outcome contention(raw_client& raw, const task& what);
outcome get_many(raw_client& raw, const task& what);
outcome watch(raw_client& raw, const task& what);
outcome keys(raw_client& raw, const task& what);
outcome live(raw_client& raw, const task& what);
outcome watchers(raw_client& raw, const task& what);
outcome reconnect(raw_client& raw, const task& what);
outcome publish(raw_client& raw, const task& what);
outcome request(raw_client& raw, const task& what);
outcome subscribe(raw_client& raw, const task& what);
outcome denied(raw_client& raw, const task& what);
outcome command_get(const task& what);  ///< a program that calls print_value()

}  // namespace floor_client

/// Prints the value of a key.
void print_value(std::string_view key);

/// Makes an empty bucket in memory, and fills it.
void make_bucket(raw_client& raw);
void delete_bucket(raw_client& raw);
void fill_bucket(raw_client& raw, std::size_t keys, std::size_t value);

}  // namespace kvco::bench
