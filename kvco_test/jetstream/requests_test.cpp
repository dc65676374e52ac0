// Golden bytes of every request: jetstream/requests.cpp and stream_config.cpp.
//
// The bodies were sent like this (with one replica) to servers 2.9.10, 2.10.27 and 2.15.1, and accepted.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/subject_page.hpp>
#include <limits>

namespace kvco::jetstream {
namespace {

using namespace std::chrono_literals;
using enum client_error;

TEST(requests, about_messages) {
  EXPECT_EQ(stream_page_request(0), R"({"offset":0,"subject":"$KV.*.>"})");
  EXPECT_EQ(stream_page_request(18446744073709551615u),
            R"({"offset":18446744073709551615,"subject":"$KV.*.>"})");
  EXPECT_EQ(last_by_subject_request("$KV.b.a/b=c"), R"({"last_by_subj":"$KV.b.a/b=c"})");
  EXPECT_EQ(by_sequence_request(1), R"({"seq":1})");
}

TEST(requests, about_subjects) {
  EXPECT_EQ(subject_page_request("$KV.b.a.*", 0), R"({"subjects_filter":"$KV.b.a.*","offset":0})");
  EXPECT_EQ(subject_page_request("$KV.b.>", 100'000), R"({"subjects_filter":"$KV.b.>","offset":100000})");
}

// fault: 65
TEST(requests, revisions_keep_all_64_bits) {
  EXPECT_EQ(by_sequence_request(9007199254740993u), R"({"seq":9007199254740993})");
  EXPECT_EQ(by_sequence_request(9223372036854775808u), R"({"seq":9223372036854775808})");
  EXPECT_EQ(by_sequence_request(18446744073709551615u), R"({"seq":18446744073709551615})");
}

TEST(requests, of_a_bucket_with_defaults) {
  EXPECT_EQ(stream_config_request(bucket_config("b")),
            R"({"name":"KV_b","subjects":["$KV.b.>"],"retention":"limits","max_consumers":-1,)"
            R"("max_msgs":-1,"discard":"new","allow_direct":true,"deny_delete":true,)"
            R"("allow_rollup_hdrs":true,"max_bytes":-1,"max_msgs_per_subject":1,"max_msg_size":-1,)"
            R"("storage":"file","num_replicas":1})");
}

bucket_config everything() {
  return bucket_config("b")
      .description("say \"hi\"\n")
      .history(64)
      .ttl(1h)
      .max_value_size(1000)
      .max_bytes(1'000'000)
      .storage(storage::memory)
      .replicas(3)
      .compression(true)
      .limit_marker_ttl(90s)
      .metadata("owner", "shop");
}

TEST(requests, of_a_bucket_with_everything) {
  EXPECT_EQ(stream_config_request(everything()),
            R"({"name":"KV_b","subjects":["$KV.b.>"],"retention":"limits","max_consumers":-1,)"
            R"("max_msgs":-1,"discard":"new","allow_direct":true,"deny_delete":true,)"
            R"("allow_rollup_hdrs":true,"max_bytes":1000000,"max_msgs_per_subject":64,)"
            R"("max_msg_size":1000,"storage":"memory","num_replicas":3,)"
            R"("description":"say \"hi\"\n","max_age":3600000000000,)"
            R"("compression":"s2","allow_msg_ttl":true,)"
            R"("subject_delete_marker_ttl":90000000000,"metadata":{"owner":"shop"}})");
}

TEST(requests, ask_for_the_next_message_of_a_subject) {
  EXPECT_EQ(next_by_subject_request("$KV.b.k", 18446744073709551615u),
            R"({"seq":18446744073709551615,"next_by_subj":"$KV.b.k"})");
}

TEST(requests, purge_all_below_a_revision) { EXPECT_EQ(purge_all_request(8), R"({"seq":8})"); }

TEST(requests, purge_a_subject_below_a_revision) {
  EXPECT_EQ(purge_request("$KV.b.k", 18446744073709551615u),
            R"({"filter":"$KV.b.k","seq":18446744073709551615})");
}

// A server may have a limit of its own, and refuses a window over it or over max_age (10052): its own choice fits both.
TEST(requests, leave_the_duplicate_window_to_the_server) {
  for (const duration ttl : {duration(0s), duration(10s), duration(2min), duration(1h)}) {
    const std::string body = stream_config_request(bucket_config("b").ttl(ttl));
    EXPECT_EQ(body.find("duplicate_window"), body.npos) << body;
  }
}

TEST(requests, leave_out_the_servers_own_metadata) {
  const auto config = bucket_config("b").metadata("_nats.ver", "2.15.1").metadata("a", "1");
  const std::string body = stream_config_request(config);
  EXPECT_NE(body.find(R"("metadata":{"a":"1"})"), body.npos) << body;
  const std::string none = stream_config_request(bucket_config("b").metadata("_nats.ver", "x"));
  EXPECT_EQ(none.find("metadata"), none.npos) << none;
}

// As 2.15.1 echoes it, with fields that this client does not know.
constexpr std::string_view echoed =
    R"({"name":"KV_b","description":"old","subjects":["$KV.b.>"],"retention":"limits",)"
    R"("max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_age":1000000000,)"
    R"("max_msgs_per_subject":5,"max_msg_size":-1,"discard":"new","storage":"file",)"
    R"("num_replicas":1,"duplicate_window":1000000000,"compression":"s2","allow_direct":false,)"
    R"("mirror_direct":false,"sealed":false,"deny_delete":true,"deny_purge":false,)"
    R"("allow_rollup_hdrs":true,"consumer_limits":{},"allow_msg_ttl":true,)"
    R"("subject_delete_marker_ttl":60000000000,"republish":{"src":"$KV.b.>","dest":"copy.>"},)"
    R"("metadata":{"_nats.level":"5","_nats.req.level":"1","_nats.ver":"2.15.1","owner":"x"}})";

boost::json::object updated(const bucket_config& config) {
  return boost::json::parse(stream_update_request(config, echoed)).as_object();
}

TEST(update_requests, keep_what_the_client_does_not_know) {
  const boost::json::object stream = updated(bucket_config("b").history(7));
  EXPECT_EQ(stream.at("max_msgs_per_subject"), 7);
  EXPECT_EQ(stream.at("republish").at("dest"), "copy.>");
  EXPECT_EQ(stream.at("allow_direct"), false);
  EXPECT_EQ(stream.at("subjects"), boost::json::array{"$KV.b.>"});
  EXPECT_EQ(stream.at("consumer_limits"), boost::json::object());
  EXPECT_EQ(stream.at("name"), "KV_b");
}

TEST(update_requests, change_nothing_that_is_not_set) {
  boost::json::object same = boost::json::parse(echoed).as_object();
  same["metadata"] = boost::json::object{{"owner", "x"}};  // the server's own is written anew
  EXPECT_EQ(updated(bucket_config("b")), same);
  bucket_config of_a_server = everything();
  of_a_server.clear_set_settings();
  EXPECT_EQ(updated(of_a_server), same);
  same["num_replicas"] = 3;
  EXPECT_EQ(updated(of_a_server.replicas(3)), same);
  same["metadata"] = boost::json::object{{"owner", "x"}, {"team", "kv"}};
  EXPECT_EQ(updated(of_a_server.metadata("team", "kv")), same);
}

TEST(update_requests, take_away_what_is_set_to_nothing) {
  const boost::json::object stream =
      updated(bucket_config("b").description("").ttl(0s).compression(false).limit_marker_ttl(0s));
  EXPECT_FALSE(stream.contains("description"));
  EXPECT_FALSE(stream.contains("max_age"));
  EXPECT_FALSE(stream.contains("subject_delete_marker_ttl"));
  EXPECT_EQ(stream.at("compression"), "none");
  EXPECT_EQ(stream.at("allow_msg_ttl"), true);  // can't be turned off: 10052
  EXPECT_EQ(stream.at("metadata"), (boost::json::object{{"owner", "x"}}));
}

// Without subjects it would take no writes; a server refuses mirror_direct without a mirror.
TEST(update_requests, make_a_mirror_a_bucket_of_its_own) {
  const std::string mirror =
      R"({"name":"KV_b","mirror":{"name":"KV_b"},"mirror_direct":true,"allow_direct":true})";
  const boost::json::value expected =
      boost::json::parse(R"({"name":"KV_b","subjects":["$KV.b.>"],"allow_direct":true})");
  EXPECT_EQ(boost::json::parse(stream_update_request(bucket_config("b").mirror({}), mirror)), expected);
  EXPECT_EQ(boost::json::parse(stream_update_request(bucket_config("b"), mirror)),
            boost::json::parse(mirror));
  const std::string other = R"({"name":"KV_b","subjects":["mine.>"]})";
  EXPECT_EQ(boost::json::parse(stream_update_request(bucket_config("b").mirror({}), other)),
            boost::json::parse(other))
      << "it is no mirror";
}

TEST(update_requests, leave_the_duplicate_window_unless_it_came_from_the_ttl_or_is_too_long) {
  const auto window = [](std::int64_t age, std::int64_t old_window, duration ttl) {
    const boost::json::object old = {{"max_age", age}, {"duplicate_window", old_window}};
    const auto stream =
        boost::json::parse(stream_update_request(bucket_config("b").ttl(ttl), boost::json::serialize(old)));
    const auto* field = stream.as_object().if_contains("duplicate_window");
    return field ? field->as_int64() : -1;
  };
  EXPECT_EQ(window(30, 30, 0s), -1);
  EXPECT_EQ(window(30, 30, 1h), -1);
  EXPECT_EQ(window(30, 30, 30ns), 30);
  EXPECT_EQ(window(30, 20, 0s), 20);
  EXPECT_EQ(window(30, 20, 1h), 20);
  EXPECT_EQ(window(0, 120, 100ns), -1);
  EXPECT_EQ(window(0, 120, 120ns), 120);
  EXPECT_EQ(window(0, 120, 0s), 120);
}

TEST(update_requests, lay_every_setting_over_the_echo) {
  const boost::json::object stream = updated(everything());
  EXPECT_EQ(stream.at("description"), "say \"hi\"\n");
  EXPECT_EQ(stream.at("max_age"), 3'600'000'000'000);
  EXPECT_FALSE(stream.contains("duplicate_window"));  // it came from the old ttl: the server chooses anew
  EXPECT_EQ(stream.at("max_bytes"), 1'000'000);
  EXPECT_EQ(stream.at("max_msg_size"), 1000);
  EXPECT_EQ(stream.at("storage"), "memory");
  EXPECT_EQ(stream.at("num_replicas"), 3);
  EXPECT_EQ(stream.at("compression"), "s2");
  EXPECT_EQ(stream.at("subject_delete_marker_ttl"), 90'000'000'000);
  EXPECT_EQ(stream.at("metadata"), (boost::json::object{{"owner", "shop"}}));
  EXPECT_EQ(stream.at("max_msgs_per_subject"), 64);
}

TEST(update_requests, name_no_field_that_an_old_server_does_not_have) {
  const auto stream = boost::json::parse(stream_update_request(
      bucket_config("b").compression(false).limit_marker_ttl(0s), R"({"name":"KV_b","max_age":0})"));
  EXPECT_FALSE(stream.as_object().contains("compression"));
  EXPECT_FALSE(stream.as_object().contains("allow_msg_ttl"));
}

TEST(update_requests, without_an_echo_are_create_requests) {
  for (const char* text : {"", "{", "[]", "null", "7"}) {
    EXPECT_EQ(stream_update_request(everything(), text), stream_config_request(everything()));
  }
}

consumer_request watch(std::span<const std::string> filters) {
  return {.stream = "KV_b", .name = "c1", .deliver_subject = "_INBOX.x.w1", .filter_subjects = filters};
}

constexpr std::string_view consumer_middle =
    R"("ack_policy":"none","replay_policy":"instant","deliver_subject":"_INBOX.x.w1",)"
    R"("flow_control":true,"idle_heartbeat":5000000000,"max_deliver":1,)"
    R"("ack_wait":79200000000000,"mem_storage":true,"num_replicas":1,)"
    R"("inactive_threshold":30000000000,)";

std::string consumer(std::string_view policy, std::string_view tail) {
  return R"({"stream_name":"KV_b","config":{"name":"c1","deliver_policy":)" + std::string(policy) + "," +
         std::string(consumer_middle) + std::string(tail) + R"(},"action":"create"})";
}

TEST(consumer_requests, with_one_filter) {
  const std::string filters[] = {"$KV.b.>"};
  EXPECT_EQ(consumer_create_request(watch(filters)),
            consumer(R"("last_per_subject")", R"("filter_subject":"$KV.b.>")"));
}

TEST(consumer_requests, with_several_filters) {
  const std::string filters[] = {"$KV.b.a", "$KV.b.c.*"};
  EXPECT_EQ(consumer_create_request(watch(filters)),
            consumer(R"("last_per_subject")", R"("filter_subjects":["$KV.b.a","$KV.b.c.*"])"));
}

TEST(consumer_requests, with_each_policy) {
  const std::string filters[] = {"$KV.b.k"};
  const std::string tail = R"("filter_subject":"$KV.b.k")";
  consumer_request request = watch(filters);
  request.start_sequence = 9;  // only by_start_sequence may say so (10094)
  request.deliver = deliver_policy::all;
  EXPECT_EQ(consumer_create_request(request), consumer(R"("all")", tail));
  request.deliver = deliver_policy::updates_only;
  EXPECT_EQ(consumer_create_request(request), consumer(R"("new")", tail));
  request.deliver = deliver_policy::by_start_sequence;
  EXPECT_EQ(consumer_create_request(request), consumer(R"("by_start_sequence","opt_start_seq":9)", tail));
}

TEST(consumer_requests, with_headers_only_and_a_heartbeat) {
  const std::string filters[] = {"$KV.b.k"};
  consumer_request request = watch(filters);
  request.headers_only = true;
  request.heartbeat_ns = 100'000'000;
  const std::string body = consumer_create_request(request);
  EXPECT_NE(body.find(R"("headers_only":true)"), body.npos) << body;
  EXPECT_NE(body.find(R"("idle_heartbeat":100000000,)"), body.npos) << body;
}

// 10153, 10082: what a stream's consumer_limits refuse.
TEST(consumer_requests, within_the_limits_of_a_stream) {
  const std::string filters[] = {"$KV.b.k"};
  consumer_request request = watch(filters);
  request.within_limits = true;
  const std::string body = consumer_create_request(request);
  EXPECT_EQ(body.find("inactive_threshold"), body.npos) << body;
  EXPECT_NE(body.find(R"("max_ack_pending":-1,)"), body.npos) << body;
  EXPECT_TRUE(refuses_consumer_limits(error_code(10153, jetstream_category())));
  EXPECT_TRUE(refuses_consumer_limits(error_code(10082, jetstream_category())));
  EXPECT_FALSE(refuses_consumer_limits(error_code(10026, jetstream_category())));
  EXPECT_FALSE(refuses_consumer_limits({}));
}

TEST(consumer_requests, without_a_filter) {
  EXPECT_EQ(consumer_create_request(watch({})).find("filter_subject"), std::string::npos);
}

struct config_case {
  bucket_config config;
  error_code expected;
  std::string detail;
};

TEST(bucket_configs, are_checked) {
  const bucket_config b("b");
  const config_case cases[] = {
      {b, {}, ""},
      {everything(), {}, ""},
      {bucket_config("a.b"), bucket_name_has_invalid_character, "bucket name \"a.b\" has \".\" at byte 1"},
      {bucket_config(b).history(0), history_out_of_range, "history is 0"},
      {bucket_config(b).history(65), history_out_of_range, "history is 65"},
      {bucket_config(b).history(-1), history_out_of_range, "history is -1"},
      {bucket_config(b).history(1), {}, ""},
      {bucket_config(b).replicas(0), setting_out_of_range, "replicas (1 to 5) is 0"},
      {bucket_config(b).replicas(6), setting_out_of_range, "replicas (1 to 5) is 6"},
      {bucket_config(b).replicas(5), {}, ""},
      {bucket_config(b).ttl(-1ns), ttl_out_of_range, "ttl (0 or at least 100 ms) is -1 ns"},
      {bucket_config(b).ttl(99ms), ttl_out_of_range, "ttl (0 or at least 100 ms) is 99000000 ns"},
      {bucket_config(b).ttl(100ms), {}, ""},
      {bucket_config(b).limit_marker_ttl(999ms), ttl_out_of_range,
       "limit_marker_ttl (0 or at least 1 s) is 999000000 ns"},
      {bucket_config(b).limit_marker_ttl(-1s), ttl_out_of_range,
       "limit_marker_ttl (0 or at least 1 s) is -1000000000 ns"},
      {bucket_config(b).limit_marker_ttl(1s), {}, ""},
      {bucket_config(b).max_value_size(-1), setting_out_of_range, "max_value_size is -1"},
      {bucket_config(b).max_bytes(-1), setting_out_of_range, "max_bytes is -1"},
      {bucket_config(b).max_bytes(std::numeric_limits<std::int64_t>::max()), {}, ""},
  };
  for (const config_case& c : cases) {
    const refusal got = check_bucket_config(c.config);
    EXPECT_EQ(got.code, c.expected) << got.detail;
    EXPECT_EQ(got.detail, c.detail);
  }
}

// A stream that somebody else has made may keep more than a bucket does.
TEST(bucket_configs, that_come_from_a_server_are_not_checked_for_what_nobody_has_set) {
  bucket_config told = bucket_config("b").history(1000).replicas(7).ttl(1ns);
  told.clear_set_settings();
  EXPECT_FALSE(check_bucket_config(told));
  EXPECT_FALSE(check_bucket_config(told.description("x")));
  EXPECT_EQ(check_bucket_config(told.history(1000)).code, history_out_of_range);
}

}  // namespace
}  // namespace kvco::jetstream
