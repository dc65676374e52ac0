// The table of API subjects, byte by byte: jetstream/subjects.cpp.
#include <gtest/gtest.h>

#include <kvco/jetstream/subjects.hpp>

namespace kvco::jetstream {
namespace {

struct subject_case {
  std::string got;
  std::string below_prefix;  // behind "$JS.API." or "$JS.hub.API."
};

void expect_table(const api_subjects& api, const std::string& prefix) {
  const subject_case cases[] = {
      {api.account_info(), "INFO"},
      {api.stream_create("KV_b"), "STREAM.CREATE.KV_b"},
      {api.stream_update("KV_b"), "STREAM.UPDATE.KV_b"},
      {api.stream_info("KV_b"), "STREAM.INFO.KV_b"},
      {api.stream_delete("KV_b"), "STREAM.DELETE.KV_b"},
      {api.stream_purge("KV_b"), "STREAM.PURGE.KV_b"},
      {api.stream_names(), "STREAM.NAMES"},
      {api.stream_list(), "STREAM.LIST"},
      {api.message_get("KV_b"), "STREAM.MSG.GET.KV_b"},
      {api.direct_get("KV_b"), "DIRECT.GET.KV_b"},
      {api.direct_get_last("KV_b", "$KV.b.x.y"), "DIRECT.GET.KV_b.$KV.b.x.y"},
      {api.consumer_create("KV_b", "c1", ""), "CONSUMER.CREATE.KV_b.c1"},
      {api.consumer_create("KV_b", "c1", "$KV.b.>"), "CONSUMER.CREATE.KV_b.c1.$KV.b.>"},
      {api.consumer_delete("KV_b", "c1"), "CONSUMER.DELETE.KV_b.c1"},
  };
  for (const subject_case& c : cases) EXPECT_EQ(c.got, prefix + c.below_prefix);
}

TEST(subjects, of_the_api) { expect_table(api_subjects(), "$JS.API."); }
TEST(subjects, of_a_domain) { expect_table(api_subjects("hub"), "$JS.hub.API."); }

TEST(subjects, of_an_import) {
  expect_table(api_subjects::with_prefix("FROM.HUB"), "FROM.HUB.");
  expect_table(api_subjects::with_prefix("FROM.HUB."), "FROM.HUB.");
}

TEST(subjects, writes_have_a_prefix_in_a_domain_or_by_an_import) {
  EXPECT_EQ(api_subjects().write_prefix(), "");
  EXPECT_EQ(api_subjects("hub").write_prefix(), "$JS.hub.API.");
  EXPECT_EQ(api_subjects::with_prefix("FROM.HUB").write_prefix(), "FROM.HUB.");
  EXPECT_EQ(api_subjects::with_prefix("$JS.API").write_prefix(), "") << "the plain one";
}

TEST(subjects, of_a_bucket) {
  EXPECT_EQ(stream_name("orders"), "KV_orders");
  EXPECT_EQ(key_prefix("orders"), "$KV.orders.");
  EXPECT_EQ(bucket_of_stream("KV_orders"), "orders");
  EXPECT_EQ(bucket_of_stream("KV_KV_x"), "KV_x");
  EXPECT_EQ(bucket_of_stream("KV_"), "");
  EXPECT_EQ(bucket_of_stream("kv_orders"), "");
  EXPECT_EQ(bucket_of_stream("ORDERS"), "");
  EXPECT_EQ(bucket_of_stream(""), "");
}

}  // namespace
}  // namespace kvco::jetstream
