// Answers about streams and consumers as servers 2.9.10, 2.10.27 and 2.15.1 sent them:
// jetstream/stream_info.cpp, replies.cpp.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <kvco/jetstream/compare_config.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/subject_page.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

using namespace std::chrono_literals;

// STREAM.CREATE on 2.9.10: no compression, no metadata, no allow_msg_ttl.
constexpr std::string_view created_2_9 =
    R"({"type":"io.nats.jetstream.api.v1.stream_create_response","config":{"name":"KV_b",)"
    R"("description":"say \"hi\"\n","subjects":["$KV.b.\u003e"],"retention":"limits","max_consumers":-1,)"
    R"("max_msgs":-1,"max_bytes":1000000,"max_age":3600000000000,"max_msgs_per_subject":64,)"
    R"("max_msg_size":1000,"discard":"new","storage":"memory","num_replicas":1,)"
    R"("duplicate_window":120000000000,"allow_direct":true,"mirror_direct":false,"sealed":false,)"
    R"("deny_delete":true,"deny_purge":false,"allow_rollup_hdrs":true},)"
    R"("created":"2026-11-21T04:27:44.814962761Z","state":{"messages":0,"bytes":0,"first_seq":0,)"
    R"("first_ts":"0001-01-01T00:00:00Z","last_seq":0,"last_ts":"0001-01-01T00:00:00Z",)"
    R"("consumer_count":0},"did_create":true})";

// STREAM.INFO on 2.15.1.
constexpr std::string_view info_2_15 =
    R"({"type":"io.nats.jetstream.api.v1.stream_info_response","total":0,"offset":0,"limit":0,)"
    R"("config":{"name":"KV_b","description":"say \"hi\"\n","subjects":["$KV.b.\u003e"],)"
    R"("retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":1000000,)"
    R"("max_age":3600000000000,"max_msgs_per_subject":64,"max_msg_size":1000,"discard":"new",)"
    R"("storage":"memory","num_replicas":1,"duplicate_window":120000000000,"compression":"s2",)"
    R"("allow_direct":true,"mirror_direct":false,"sealed":false,"deny_delete":true,)"
    R"("deny_purge":false,"allow_rollup_hdrs":true,"consumer_limits":{},"allow_msg_ttl":true,)"
    R"("subject_delete_marker_ttl":90000000000,"metadata":{"_nats.level":"5",)"
    R"("_nats.req.level":"1","_nats.ver":"2.15.1","owner":"shop"}},)"
    R"("created":"2026-11-21T04:27:45.628074478Z","state":{"messages":4,"bytes":219,"first_seq":1,)"
    R"("first_ts":"2026-11-21T04:09:17.041060239Z","last_seq":4,)"
    R"("last_ts":"2026-11-21T04:09:17.042092098Z","num_subjects":3,"consumer_count":0},)"
    R"("cluster":{"leader":"s"},"ts":"2026-11-21T04:09:17.043727641Z"})";

constexpr std::string_view stream_not_found =
    R"({"type":"io.nats.jetstream.api.v1.stream_info_response","error":{"code":404,"err_code":10059,)"
    R"("description":"stream not found"},"total":0,"offset":0,"limit":0})";

bucket_config everything() {
  return bucket_config("b")
      .description("say \"hi\"\n")
      .history(64)
      .ttl(1h)
      .max_value_size(1000)
      .max_bytes(1'000'000)
      .storage(storage::memory)
      .compression(true)
      .limit_marker_ttl(90s)
      .metadata("owner", "shop");
}

TEST(stream_info, of_a_new_server) {
  const auto got = parse_stream_info(info_2_15);
  ASSERT_TRUE(got.ok()) << got.detail;
  const stream_info& info = got.value;
  EXPECT_EQ(info.created, "2026-11-21T04:27:45.628074478Z");
  EXPECT_TRUE(info.is_bucket() && info.allow_direct && info.allow_msg_ttl);
  EXPECT_EQ(info.status.messages, 4u);
  EXPECT_EQ(info.status.bytes, 219u);
  EXPECT_EQ(info.status.first_revision, 1u);
  EXPECT_EQ(info.status.last_revision, 4u);
  EXPECT_EQ(info.status.created.time_since_epoch(), 1795235265628074478ns);
  const bucket_config& config = info.status.config;
  EXPECT_EQ(config.name(), "b");
  EXPECT_EQ(config.description(), "say \"hi\"\n");
  EXPECT_EQ(config.history(), 64);
  EXPECT_EQ(config.ttl(), 1h);
  EXPECT_EQ(config.max_value_size(), 1000);
  EXPECT_EQ(config.max_bytes(), 1'000'000);
  EXPECT_EQ(config.storage(), storage::memory);
  EXPECT_EQ(config.replicas(), 1);
  EXPECT_TRUE(config.compression());
  EXPECT_EQ(config.limit_marker_ttl(), 90s);
  EXPECT_EQ(config.metadata(), (std::map<std::string, std::string>{{"owner", "shop"}}));
}

TEST(stream_info, of_an_old_server) {
  const auto got = parse_stream_info(created_2_9);
  ASSERT_TRUE(got.ok()) << got.detail;
  EXPECT_TRUE(got.value.is_bucket() && got.value.allow_direct);
  EXPECT_FALSE(got.value.allow_msg_ttl);
  EXPECT_FALSE(got.value.status.config.compression());
  EXPECT_EQ(got.value.status.config.limit_marker_ttl(), 0s);
  EXPECT_EQ(got.value.status.last_revision, 0u);
}

TEST(stream_info, keeps_the_whole_configuration) {
  const auto got = parse_stream_info(info_2_15);
  const auto echoed = boost::json::parse(got.value.config_json);
  EXPECT_EQ(echoed, boost::json::parse(info_2_15).at("config"));
}

TEST(stream_info, comes_back_as_the_same_configuration) {
  const auto got = parse_stream_info(info_2_15);
  EXPECT_TRUE(got.value.status.config.set_settings().empty());
  EXPECT_EQ(stream_config_request(got.value.status.config), stream_config_request(everything()));
}

std::string info_of(std::string_view config) {
  return R"({"config":)" + std::string(config) + R"(,"created":"2026-11-21T04:27:45Z","state":{}})";
}

struct bucket_case {
  std::string_view config;
  bool is_bucket;
  std::string_view why = {};
};

TEST(stream_info, tells_buckets_from_other_streams) {
  const bucket_case cases[] = {
      {R"({"name":"KV_b","subjects":["$KV.b.>"],"max_msgs_per_subject":1})", true},
      {R"({"name":"KV_b","subjects":["x","$KV.b.>"],"max_msgs_per_subject":1})", true},
      {R"({"name":"KV_b","mirror":{"name":"KV_a"},"max_msgs_per_subject":1})", true},
      {R"({"name":"KV_b","mirror":{"name":"a"},"max_msgs_per_subject":1})", false, "which is no bucket"},
      {R"({"name":"KV_b","mirror":{"name":"KV_a","subject_transforms":[{"src":">","dest":"x.>"}]},)"
       R"("max_msgs_per_subject":1})",
       false, "is a mirror of"},
      {R"({"name":"KV_b","mirror":{"name":"x\ny"},"max_msgs_per_subject":1})", false, R"(mirror of "x\ny")"},
      {R"({"name":"KV_b","subjects":["$KV.b.>"],"max_msgs_per_subject":1,)"
       R"("subject_transform":{"src":"$KV.b.>","dest":"x.>"}})",
       false, R"(stores what it gets below other subjects: "x.>")"},
      {R"({"name":"KV_b","subjects":["$KV.b.>"],"max_msgs_per_subject":1,)"
       R"("subject_transform":{"src":"$KV.b.*","dest":"$KV.b.a.{{wildcard(1)}}"}})",
       true},
      {R"({"name":"KV_b","subjects":["$KV.b.>"],"max_msgs_per_subject":1,"subject_transform":{}})", true},
      {R"({"name":"KV_b","subjects":["$KV.a.>"],"max_msgs_per_subject":1})", false,
       "has not the subject $KV.b.>"},
      {R"({"name":"KV_b","subjects":["$KV.b.>"],"max_msgs_per_subject":-1})", false,
       "no limit of messages per subject"},
      {R"({"name":"KV_b","subjects":["$KV.b.>"]})", false},
      {R"({"name":"KV_b","subjects":null,"max_msgs_per_subject":1})", false},
      {R"({"name":"KV_","subjects":["$KV..>"],"max_msgs_per_subject":1})", false},
      {R"({"name":"ORDERS","subjects":["$KV.b.>"],"max_msgs_per_subject":1})", false},
      {R"({"name":"OBJ_b","mirror":{"name":"KV_a"},"max_msgs_per_subject":1})", false},
  };
  for (const bucket_case& c : cases) {
    const auto got = parse_stream_info(info_of(c.config));
    ASSERT_TRUE(got.ok()) << c.config << got.detail;
    EXPECT_EQ(got.value.is_bucket(), c.is_bucket) << c.config;
    EXPECT_EQ(got.value.why_no_bucket.empty(), c.is_bucket) << c.config;
    EXPECT_NE(got.value.why_no_bucket.find(c.why), std::string::npos) << got.value.why_no_bucket;
  }
}

TEST(stream_info, clamps_what_other_clients_configured) {
  const auto got = parse_stream_info(
      info_of(R"({"name":"KV_b","subjects":["$KV.b.>"],"max_msgs_per_subject":9223372036854775807,)"
              R"("max_bytes":9223372036854775807,"max_msg_size":-1})"));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got.value.status.config.history(), 2147483647);
  EXPECT_EQ(got.value.status.config.max_bytes(), 9223372036854775807);
  EXPECT_EQ(got.value.status.config.max_value_size(), 0);
}

// fault: 31
TEST(stream_info, revisions_keep_all_64_bits) {
  const auto got = parse_stream_info(R"({"config":{"name":"KV_b"},"created":"2026-11-21T04:27:45Z","state":)"
                                     R"({"first_seq":9007199254740993,"last_seq":18446744073709551615}})");
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got.value.status.first_revision, 9007199254740993u);
  EXPECT_EQ(got.value.status.last_revision, 18446744073709551615u);
}

// fault: 31
TEST(stream_info, failures) {
  const auto gone = parse_stream_info(stream_not_found);
  EXPECT_EQ(gone.code, errc::bucket_not_found);
  EXPECT_EQ(gone.detail, "stream not found");
  const std::string_view cases[] = {
      "",
      "{}",
      R"({"config":{},"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":"KV_b"}})",
      R"({"config":[],"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":7},"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":"KV_b"},"created":"today"})",
      R"({"config":{"name":"KV_b","subjects":"x"},"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":"KV_b","subjects":[7]},"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":"KV_b","max_age":1.5},"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":"KV_b","max_age":18446744073709551615},"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":"KV_b","allow_direct":1},"created":"2026-11-21T04:27:45Z"})",
      R"({"config":{"name":"KV_b"},"created":"2026-11-21T04:27:45Z","state":{"last_seq":-1}})",
      R"({"config":{"name":"KV_b"},"created":"2026-11-21T04:27:45Z","state":[]})",
  };
  for (std::string_view json : cases) {
    EXPECT_EQ(parse_stream_info(json).code, client_error::malformed_reply) << json;
  }
}

TEST(stream_info, survives_every_cut_and_many_bytes) {
  for (std::size_t n = 0; n < info_2_15.size(); ++n) {
    EXPECT_EQ(parse_stream_info(info_2_15.substr(0, n)).code, client_error::malformed_reply) << n;
    for (char byte : {'\0', '"', '{', ']', ',', '7', '-', '\\', 'x', '\x80'}) {
      std::string damaged(info_2_15);
      damaged[n] = byte;
      (void)parse_stream_info(damaged);
    }
  }
}

TEST(missing_in_echo, names_what_an_old_server_dropped) {
  const stream_info old = parse_stream_info(created_2_9).value;
  const stream_info recent = parse_stream_info(info_2_15).value;
  EXPECT_EQ(missing_in_echo(everything(), old, true), "compression, metadata, limit_marker_ttl");
  EXPECT_EQ(missing_in_echo(everything(), recent, true), "");
  EXPECT_EQ(missing_in_echo(bucket_config("b"), old, true), "");
  EXPECT_EQ(missing_in_echo(bucket_config("b").limit_marker_ttl(1s), old, false), "limit_marker_ttl");
  EXPECT_EQ(missing_in_echo(bucket_config("b").metadata("owner", "other"), recent, false), "metadata");
  EXPECT_EQ(missing_in_echo(bucket_config("b").metadata("_nats.ver", "2"), recent, true), "");
  bucket_config told = everything();
  told.clear_set_settings();
  EXPECT_EQ(missing_in_echo(told, old, true), "compression, metadata, limit_marker_ttl");
  EXPECT_EQ(missing_in_echo(told, old, false), "") << "an update does not ask for what is not set";
}

TEST(stream_names, of_every_page) {
  const auto none = parse_stream_names(
      R"({"type":"io.nats.jetstream.api.v1.stream_names_response","total":0,"offset":0,"limit":1024,"streams":null})");
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none.value.names.empty());
  const auto some = parse_stream_names(
      R"({"type":"io.nats.jetstream.api.v1.stream_names_response","total":1026,"offset":1024,"limit":1024,"streams":["KV_A","X"]})");
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(some.value.names, (std::vector<std::string>{"KV_A", "X"}));
  EXPECT_EQ(some.value.total, 1026u);
  EXPECT_EQ(some.value.offset, 1024u);
  EXPECT_EQ(some.value.limit, 1024u);
}

TEST(stream_names, failures) {
  for (std::string_view json : {R"({})", R"({"total":-1})", R"({"total":1,"streams":[7]})",
                                R"({"total":1,"streams":{}})", R"({"total":1.5})"}) {
    EXPECT_EQ(parse_stream_names(json).code, client_error::malformed_reply) << json;
  }
}

// 2.15.1, by_start_sequence 3 and a list of filters.
constexpr std::string_view consumer_created =
    R"({"type":"io.nats.jetstream.api.v1.consumer_create_response","stream_name":"KV_b","name":"c1",)"
    R"("created":"2026-11-21T04:27:45.887376498Z","config":{"name":"c1","deliver_policy":"last_per_subject",)"
    R"("ack_policy":"none","ack_wait":79200000000000,"max_deliver":1,"filter_subjects":["$KV.b.k1","$KV.b.k2"],)"
    R"("replay_policy":"instant","flow_control":true,"deliver_subject":"_I.w","idle_heartbeat":5000000000,)"
    R"("inactive_threshold":300000000000,"num_replicas":1,"mem_storage":true,"metadata":{"_nats.level":"5",)"
    R"("_nats.req.level":"0","_nats.ver":"2.15.1"}},"delivered":{"consumer_seq":0,"stream_seq":1},)"
    R"("ack_floor":{"consumer_seq":0,"stream_seq":1},"num_ack_pending":0,"num_redelivered":0,"num_waiting":0,)"
    R"("num_pending":2,"push_bound":true,"ts":"2026-11-21T04:27:45.887571404Z"})";

TEST(consumer_info, of_a_new_consumer) {
  const auto got = parse_consumer_info(consumer_created);
  ASSERT_TRUE(got.ok()) << got.detail;
  EXPECT_EQ(got.value.name, "c1");
  EXPECT_EQ(got.value.num_pending, 2u);
  EXPECT_EQ(got.value.delivered_stream_sequence, 1u);
  EXPECT_EQ(got.value.filter_subjects, 2u);
  EXPECT_TRUE(got.value.push_bound);
  const auto unheard = parse_consumer_info(R"({"name":"c","num_pending":1})");
  EXPECT_TRUE(unheard.ok());
  EXPECT_FALSE(unheard.value.push_bound);
}

TEST(consumer_info, failures) {
  const auto old = parse_consumer_info(
      R"({"type":"io.nats.jetstream.api.v1.consumer_create_response","error":{"code":400,"err_code":10094,)"
      R"("description":"consumer delivery policy is deliver last per subject, but optional filter subject is not set"}})");
  EXPECT_EQ(old.code, error_code(10094, jetstream_category()));
  for (std::string_view json :
       {R"({})", R"({"name":"c"})", R"({"num_pending":1})", R"({"name":"c","num_pending":-1})",
        R"({"name":7,"num_pending":1})", R"({"name":"c","num_pending":1,"config":7})",
        R"({"name":"c","num_pending":1,"delivered":{"stream_seq":"1"}})",
        R"({"name":"c","num_pending":1,"push_bound":"true"})"}) {
    EXPECT_EQ(parse_consumer_info(json).code, client_error::malformed_reply) << json;
  }
  for (std::size_t n = 0; n < consumer_created.size(); ++n) {
    EXPECT_FALSE(parse_consumer_info(consumer_created.substr(0, n)).ok()) << n;
  }
}

TEST(success, of_delete_and_purge) {
  EXPECT_TRUE(
      parse_success(R"({"type":"io.nats.jetstream.api.v1.stream_delete_response","success":true})").value);
  EXPECT_TRUE(
      parse_success(R"({"type":"io.nats.jetstream.api.v1.stream_purge_response","success":true,"purged":1})")
          .value);
  EXPECT_EQ(parse_success(R"({"error":{"code":404,"err_code":10059,"description":"stream not found"}})").code,
            errc::bucket_not_found);
  for (std::string_view json : {"{}", R"({"success":false})", R"({"success":1})", R"({"success":"true"})"}) {
    EXPECT_EQ(parse_success(json).code, client_error::malformed_reply) << json;
  }
}

// As 2.15.1 and 2.9.10 sent them, but for the configuration.
TEST(subject_page, has_the_names_in_order) {
  const auto some = parse_subject_page(
      R"({"type":"io.nats.jetstream.api.v1.stream_info_response","total":3,"offset":1,"limit":100000,)"
      R"("state":{"messages":4,"num_subjects":3,"subjects":{"$KV.b.x":2,"$KV.b.a\u003cb":1}}})");
  EXPECT_TRUE(some.ok()) << some.detail;
  EXPECT_EQ(some.value.total, 3u);
  EXPECT_EQ(some.value.subjects, (std::vector<std::string>{"$KV.b.a<b", "$KV.b.x"}));
  for (std::string_view none : {R"({"state":{"messages":0},"total":0,"offset":0,"limit":0})",
                                R"({"state":{"messages":0}})", R"({"state":{"subjects":null}})"}) {
    const auto page = parse_subject_page(none);
    EXPECT_TRUE(page.ok() && page.value.subjects.empty() && page.value.total == 0) << none;
  }
  EXPECT_EQ(
      parse_subject_page(R"({"error":{"code":404,"err_code":10059,"description":"stream not found"}})").code,
      errc::bucket_not_found);
  for (std::string_view json : {R"({"state":1})", R"({"state":{"subjects":[]}})", R"({"total":-1})", "["}) {
    EXPECT_EQ(parse_subject_page(json).code, client_error::malformed_reply) << json;
  }
}

TEST(purged, counts_messages) {
  EXPECT_EQ(parse_purged(R"({"type":"t","success":true,"purged":18446744073709551615})").value,
            18446744073709551615u);
  EXPECT_EQ(parse_purged(R"({"error":{"code":404,"err_code":10059,"description":"stream not found"}})").code,
            errc::bucket_not_found);
  for (std::string_view json : {"{}", R"({"success":true})", R"({"purged":-1})", R"({"purged":"1"})", "["}) {
    EXPECT_EQ(parse_purged(json).code, client_error::malformed_reply) << json;
  }
}

std::string listed(std::string_view config) { return info_of(config); }

// STREAM.LIST; `missing` is what 2.10 and 2.15 add in a cluster of which a node is away.
// field: X7
TEST(stream_page, has_the_buckets_among_the_streams) {
  const std::string json =
      R"({"total":9,"offset":0,"limit":256,"missing":["KV_away","OTHER"],"streams":[)" +
      listed(R"({"name":"KV_b","subjects":["$KV.b.>"],"max_msgs_per_subject":1})") + "," +
      listed(R"({"name":"KV_m","mirror":{"name":"KV_b"},"max_msgs_per_subject":1})") + "," +
      listed(R"({"name":"KV_f","subjects":["f.>"],"max_msgs_per_subject":1})") + "," +
      listed(R"({"name":"b","subjects":["$KV.b.>"],"max_msgs_per_subject":1})") + "]}";
  const auto got = parse_stream_page(json);
  ASSERT_TRUE(got.ok()) << got.detail;
  EXPECT_EQ(got.value.missing, std::vector<std::string>{"away"});
  ASSERT_EQ(got.value.buckets.size(), 2u);
  EXPECT_EQ(got.value.buckets[0].config.name(), "b");
  EXPECT_EQ(got.value.buckets[1].config.name(), "m");
  EXPECT_EQ(got.value.buckets[1].config.mirror().name, "b");
  EXPECT_EQ(got.value.streams, 6u);
  EXPECT_EQ(got.value.total, 9u);
}

TEST(stream_page, of_no_streams) {
  const auto got = parse_stream_page(R"({"total":0,"offset":0,"limit":256,"streams":null})");
  ASSERT_TRUE(got.ok()) << got.detail;
  EXPECT_TRUE(got.value.buckets.empty());
  for (const char* json : {"", "{}", R"({"total":1,"streams":[7]})", R"({"total":1,"streams":[{}]})"}) {
    EXPECT_EQ(parse_stream_page(json).code, client_error::malformed_reply) << json;
  }
}

}  // namespace
}  // namespace kvco::jetstream
