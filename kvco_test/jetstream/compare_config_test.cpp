// A configuration asked for, beside that of a bucket: jetstream/compare_config.cpp.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <kvco/jetstream/compare_config.hpp>
#include <kvco/jetstream/requests.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

using namespace std::chrono_literals;

struct difference_row {
  bucket_config asked;
  const char* words;
};

TEST(differences, are_named_with_both_values) {
  const bucket_config bucket = bucket_config("B").history(5).ttl(1h).description("d").metadata("a", "1");
  const bucket_config b("B");
  const difference_row rows[] = {
      {bucket, ""},
      {b, ""},
      {bucket_config(b).history(1), "history is 5, not 1"},
      {bucket_config(b).history(5).ttl(2s), "ttl is 3600000000000 ns, not 2000000000 ns"},
      {bucket_config(b).description("x").max_bytes(7),
       "description is \"d\", not \"x\"; max_bytes is 0, not 7"},
      {bucket_config(b).storage(storage::memory).replicas(3),
       "storage is file, not memory; replicas is 1, not 3"},
      {bucket_config(b).max_value_size(9).compression(true),
       "max_value_size is 0, not 9; compression is false, not true"},
      {bucket_config(b).limit_marker_ttl(1s), "limit_marker_ttl is 0 ns, not 1000000000 ns"},
      {bucket_config(b).placement({.cluster = "c"}).republish({.destination = "x.>"}),
       "placement; republish"},
      {bucket_config(b).mirror({.name = "A"}), "mirror"},
      {bucket_config(b).sources({{.name = "A"}}).atomic(true), "sources; atomic is false, not true"},
      {bucket_config(b).metadata("a", "1"), ""},
      {bucket_config(b).metadata("a", "2"), "metadata"},
      {bucket_config(b).republish({}), ""},
  };
  for (const difference_row& r : rows) EXPECT_EQ(differences(r.asked, bucket, false), r.words);
  EXPECT_EQ(differences(bucket_config("B").history(5), bucket, true),
            "description is \"d\", not \"\"; ttl is 3600000000000 ns, not 0 ns");
}

stream_info stream_with(const bucket_config& config, const boost::json::object& more) {
  boost::json::object stream = boost::json::parse(stream_config_request(config)).as_object();
  for (const auto& [name, value] : more) stream[name] = value;
  return parse_stream_info(R"({"config":)" + boost::json::serialize(stream) +
                           R"(,"created":"2026-11-21T04:27:45Z","state":{}})")
      .value;
}

TEST(discard_repair, changes_the_policy_and_nothing_else) {
  const bucket_config asked = bucket_config("B").history(3).metadata("team", "kv");
  const stream_info found = stream_with(
      asked,
      {{"discard", "old"}, {"duplicate_window", 7}, {"metadata", {{"team", "kv"}, {"_nats.ver", "2"}}}});
  const std::string request = discard_repair_request(asked, found);
  ASSERT_NE(request, "");
  boost::json::object then = boost::json::parse(request).as_object();
  EXPECT_EQ(then.at("discard"), "new");
  EXPECT_EQ(then.at("duplicate_window"), 7);
  EXPECT_EQ(then.at("metadata"), (boost::json::object{{"team", "kv"}}));
}

TEST(discard_repair, is_none_where_more_differs) {
  const bucket_config asked = bucket_config("B").history(3);
  EXPECT_EQ(discard_repair_request(asked, stream_with(asked, {})), "") << "the policy is right";
  const boost::json::object old = {{"discard", "old"}};
  EXPECT_EQ(discard_repair_request(asked, stream_with(bucket_config("B").history(4), old)), "");
  EXPECT_EQ(discard_repair_request(asked, stream_with(bucket_config("B").history(3).ttl(1h), old)), "");
  for (const char* field : {"allow_direct", "deny_delete", "allow_rollup_hdrs"}) {
    EXPECT_EQ(discard_repair_request(asked, stream_with(asked, {{"discard", "old"}, {field, false}})), "")
        << field;
  }
  EXPECT_EQ(discard_repair_request(asked, stream_with(asked, {{"discard", "old"}, {"max_msgs", 9}})), "");
}

}  // namespace
}  // namespace kvco::jetstream
