// What a bucket does with keys and values, on real servers.
#include <kvco_test/support/kv_test.hpp>

namespace kvco::test {
namespace {

class put_get_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(put_get_test);

TEST_P(put_get_test, get_gives_the_last_value_with_its_revision) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(show(co_await b.get("k")), "none");
    EXPECT_EQ(co_await b.put("k", "one"), 1u);
    EXPECT_EQ(co_await b.put("other", "x"), 2u);
    EXPECT_EQ(co_await b.put("k", "two"), 3u);
    EXPECT_EQ(show(co_await b.get("k")), "k@3=two");
    EXPECT_EQ(co_await value_of(b, "k"), "two");
    EXPECT_EQ(co_await value_of(b, "k2"), "none");
  });
}

}  // namespace
}  // namespace kvco::test
