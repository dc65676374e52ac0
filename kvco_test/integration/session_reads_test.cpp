// What a handle has written is read again, also where a copy of the bucket that does not have it may answer.
#include <gtest/gtest.h>

#include <kvco_test/support/server/kv_test.hpp>

#include <optional>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

// A mirror that answers direct gets of its origin, and takes only one key from it: of the others it has nothing, like a
// replica that lags behind for ever.
class session_reads_test : public generations_test {
 protected:
  asio::awaitable<void> make_mirror(bucket b) {
    co_await b.put("mirrored", "");
    raw_client raw(server.port());
    api(raw, "STREAM.CREATE.M",
        R"({"name":"M","storage":"memory","allow_direct":true,"mirror_direct":true,"max_msgs_per_subject":1,)"
        R"("mirror":{"name":"KV_B","filter_subject":"$KV.B.mirrored"}})");
    // It answers once it has taken something.
    co_await until([&] { return api(raw, "STREAM.INFO.M").find(R"("messages":1)") != std::string::npos; });
  }
  static constexpr int reads = 200;  // so often, that not only one of the two answers
};
KVCO_ON_ALL_GENERATIONS(session_reads_test);

// fault: 59
TEST_P(session_reads_test, a_copy_without_it_does_not_hide_an_own_write) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await make_mirror(b);
    const revision written = co_await b.put("k", "v");
    int missed = 0;
    for (int i = 0; i < reads; ++i) {
      const std::optional<entry> any = co_await b.get("k", {.consistency = consistency::any});
      missed += !any;
      const std::optional<entry> own = co_await b.get("k");
      EXPECT_EQ(show(own), "k@2=v");
      const std::optional<entry> revised = co_await b.get_revision("k", written);
      EXPECT_EQ(show(revised), "k@2=v");
    }
    EXPECT_GT(missed, 0) << "the mirror was never asked";
    EXPECT_LT(missed, reads) << "only the mirror was asked";
  });
}

TEST_P(session_reads_test, many_keys_at_once) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await make_mirror(b);
    const std::vector<std::string> keys = {"a", "b", "none", "a"};
    const std::vector<put_item> items = {{"a", "1"}, {"b", "2"}};
    co_await b.put_many(items);
    int missed = 0;
    for (int i = 0; i < reads; ++i) {
      const auto any = co_await b.get_many(keys, {.consistency = consistency::any});
      missed += !any[0] || !any[1];
      const auto own = co_await b.get_many(keys);
      for (const std::size_t at : {0, 1, 3}) EXPECT_EQ(show(own[at]), at == 1 ? "b@3=2" : "a@2=1");
      EXPECT_EQ(show(own[2]), "none");
    }
    EXPECT_GT(missed, 0) << "the mirror was never asked";
  });
}

// What is gone is gone: the leader is asked once, and believed.
TEST_P(session_reads_test, what_others_have_removed_is_not_looked_for_again_and_again) {
  raw_client raw(server.port());
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    api(raw, "STREAM.PURGE.KV_B", R"({"filter":"$KV.B.k"})");
    const std::string leader = raw.subscribe("$JS.API.STREAM.MSG.GET.>");
    raw.flush();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await value_of(b, "k"), "none");
    co_await b.get("other", {.consistency = consistency::leader});
    EXPECT_NE(raw.next(leader).payload.find("$KV.B.k"), std::string::npos);
    EXPECT_NE(raw.next(leader).payload.find("$KV.B.other"), std::string::npos);
  });
}

}  // namespace
}  // namespace kvco::test
