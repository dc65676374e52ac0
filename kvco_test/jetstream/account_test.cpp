// Accounts as servers of three generations report them, and what their features need: jetstream/account.cpp.
#include <gtest/gtest.h>

#include <kvco/jetstream/account.hpp>

#include <string>
#include <string_view>

namespace kvco::jetstream {
namespace {

// As 2.15.1 answers for an account with limits in two tiers.
constexpr std::string_view with_tiers =
    R"({"type":"io.nats.jetstream.api.v1.account_info_response","memory":0,"storage":117,"reserved_memory":0,)"
    R"("reserved_storage":4096,"streams":2,"consumers":1,"limits":{"max_memory":0,"max_storage":0,)"
    R"("max_streams":0,"max_consumers":0,"max_ack_pending":0,"memory_max_stream_bytes":0,)"
    R"("storage_max_stream_bytes":0,"max_bytes_required":false},"domain":"hub",)"
    R"("api":{"level":5,"total":42,"errors":3},"tiers":{"R1":{"memory":0,"storage":117,)"
    R"("reserved_memory":0,"reserved_storage":4096,"streams":2,"consumers":1,"limits":{"max_memory":-1,)"
    R"("max_storage":1000000,"max_streams":5,"max_consumers":-1,"max_ack_pending":-1,)"
    R"("memory_max_stream_bytes":-1,"storage_max_stream_bytes":5000,"max_bytes_required":true}}}})";

TEST(account_reply, has_usage_limits_tiers_and_counters) {
  const auto got = parse_account_info(with_tiers);
  ASSERT_TRUE(got.ok()) << got.detail;
  EXPECT_EQ(got.value.usage.storage, 117u);
  EXPECT_EQ(got.value.usage.reserved_storage, 4096u);
  EXPECT_EQ(got.value.usage.streams, 2u);
  EXPECT_EQ(got.value.usage.consumers, 1u);
  EXPECT_EQ(got.value.domain, "hub");
  EXPECT_EQ(got.value.api_level, 5);
  EXPECT_EQ(got.value.api_total, 42u);
  EXPECT_EQ(got.value.api_errors, 3u);
  ASSERT_EQ(got.value.tiers.size(), 1u);
  const account_tier& tier = got.value.tiers.at("R1");
  EXPECT_EQ(tier.usage.streams, 2u);
  EXPECT_EQ(tier.limits.streams, 5u);
  EXPECT_EQ(tier.limits.storage, 1000000u);
  EXPECT_EQ(tier.limits.storage_of_stream, 5000u);
  EXPECT_TRUE(tier.limits.max_bytes_required);
  EXPECT_FALSE(tier.limits.memory || tier.limits.consumers || tier.limits.ack_pending);
}

// As 2.9.10 answers: without a level, and without reservations.
TEST(account_reply, of_an_old_server_has_no_level) {
  const auto got = parse_account_info(
      R"({"memory":0,"storage":0,"streams":0,"consumers":0,"limits":{"max_memory":-1,"max_storage":-1,)"
      R"("max_streams":-1,"max_consumers":-1},"api":{"total":0,"errors":0}})");
  ASSERT_TRUE(got.ok()) << got.detail;
  EXPECT_EQ(got.value.api_level, 0);
  EXPECT_EQ(got.value.domain, "");
  EXPECT_TRUE(got.value.tiers.empty());
  EXPECT_FALSE(got.value.limits.storage || got.value.limits.streams);
}

TEST(account_reply, failures) {
  EXPECT_EQ(
      parse_account_info(
          R"({"error":{"code":503,"err_code":10039,"description":"JetStream not enabled for account"}})")
          .code,
      errc::jetstream_not_enabled);
  for (std::string_view json :
       {"", "{}", R"({"api":7})", R"({"api":{"total":-1}})", R"({"api":{"total":1},"tiers":{"R1":7}})"}) {
    EXPECT_EQ(parse_account_info(json).code, client_error::malformed_reply) << json;
  }
  for (std::size_t n = 0; n < with_tiers.size(); ++n) {
    EXPECT_FALSE(parse_account_info(with_tiers.substr(0, n)).ok()) << n;
  }
}

struct support_row {
  int level;
  const char* version;  // empty: not known
  feature what;
  bool is_there;
};

TEST(features, are_those_of_the_version_or_else_of_the_level) {
  using enum feature;
  static constexpr support_row rows[] = {
      {0, "2.9.10", filter_lists, false},
      {0, "2.9.10", compression, false},
      {0, "2.10.27", filter_lists, true},
      {0, "2.10.27", metadata, true},
      {0, "2.10.27", key_ttl, false},
      {0, "2.10.27", multi_get, false},
      {1, "2.11.0", key_ttl, true},
      {1, "2.11.0", atomic, false},
      {2, "2.12.1", atomic, true},
      {5, "2.15.1", atomic, true},
      {0, "3.0.0", atomic, true},
      {0, "", source_transforms, false},
      {1, "", source_transforms, true},
      {1, "", multi_get, true},
      {1, "", atomic, false},
      {2, "", atomic, true},
  };
  for (const support_row& r : rows) {
    EXPECT_EQ(capabilities(r.level, r.version).has(r.what), r.is_there)
        << r.version << ' ' << r.level << ' ' << to_string(r.what);
  }
  EXPECT_EQ(requirement_of(atomic).minor, 12);
  EXPECT_EQ(requirement_of(atomic).api_level, 2);
  EXPECT_FALSE(capabilities().has(filter_lists)) << "nothing is known";
}

}  // namespace
}  // namespace kvco::jetstream
