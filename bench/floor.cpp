// The floor's list of works, and the bucket that all contestants share.
#include <bench/floor.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace kvco::bench {

works floor_works() {
  const auto raw = std::make_shared<raw_client>(server_url());
  const auto with = [raw](outcome (*function)(raw_client&, const task&)) {
    return [raw, function](const task& what) { return function(*raw, what); };
  };
  const auto as = [raw](const char* plain) {
    return [raw, plain](task what) {
      what.work = plain;
      return floor_client::operations(*raw, what);
    };
  };
  works offered;
  for (const char* name : {"put", "get", "update", "mixed"}) {
    offered[name] = with(floor_client::operations);
  }
  offered["contention"] = with(floor_client::contention);
  offered["get_many"] = offered["get_many_shuffled"] = with(floor_client::get_many);
  // The lower bound for many puts at once: the same puts in a pipeline. Typed operations send the same bytes.
  offered["put_many"] = offered["command_import"] = offered["put_typed"] = as("put");
  offered["get_typed"] = as("get");
  // One floor, several ways of the library to take the entries.
  for (const char* name : {"watch", "watch_batches", "get_prefix", "handlers", "command_export"}) {
    offered[name] = with(floor_client::watch);
  }
  offered["keys"] = with(floor_client::keys);
  offered["live"] = with(floor_client::live);
  offered["watchers"] = with(floor_client::watchers);
  offered["reconnect"] = with(floor_client::reconnect);
  offered["publish"] = with(floor_client::publish);
  offered["request"] = with(floor_client::request);
  offered["subscribe"] = with(floor_client::subscribe);
  offered["denied"] = with(floor_client::denied);
  offered["command_get"] = floor_client::command_get;
  return offered;
}

void print_value(std::string_view key) {
  raw_client raw(server_url());
  raw.pipeline(
      1, 1, [&](std::string& out, std::size_t) { out += encode_get(bucket_name, key, raw.reply_subject()); },
      [](const raw_client::frame& answer) {
        raw_client::check(raw_client::reply::direct_get, answer);
        std::cout << answer.payload;
        return true;
      });
}

void delete_bucket(raw_client& raw) {
  try {
    raw.request("$JS.API.STREAM.DELETE.KV_" + std::string(bucket_name), {});
  } catch (const std::runtime_error&) {  // it does not exist
  }
}

// With max_consumers -1 nats-server 2.15 takes no more than 1000.
void make_bucket(raw_client& raw) {
  delete_bucket(raw);
  const std::string name(bucket_name);
  raw.request(
      "$JS.API.STREAM.CREATE.KV_" + name,
      R"({"name":"KV_)" + name + R"(","subjects":["$KV.)" + name +
          R"(.>"],"retention":"limits","storage":"memory","num_replicas":1,"max_consumers":100000,)" +
          R"("max_msgs":-1,"max_bytes":-1,"max_msgs_per_subject":1,"discard":"new","deny_delete":true,)" +
          R"("allow_rollup_hdrs":true,"allow_direct":true})");
}

void fill_bucket(raw_client& raw, std::size_t keys, std::size_t value) {
  const std::string bytes(value, 'v');
  const std::size_t window = std::max<std::size_t>(std::min<std::size_t>(4096, (16u << 20) / (value + 1)), 1);
  raw.pipeline(keys, window, raw_client::reply::pub_ack, [&](std::string& out, std::size_t i) {
    out += encode_put(bucket_name, key_name(i), bytes, raw.reply_subject());
  });
}

}  // namespace kvco::bench
