// Keys listed and counted by STREAM.INFO, over pages that shift.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <functional>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

class stored_keys : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().subjects_per_page = 3;
    for (int i = 1; i <= 8; ++i) in.server().put("B", "a." + std::to_string(i), "v");
    in.server().script = [this](server_connection&, const client_frame& frame) {
      if (frame.subject != "$JS.API.STREAM.INFO.KV_B") return false;
      if (before_page) before_page(++pages);
      return false;
    };
  }
  void remove(const std::string& key) { in.server().streams.at("KV_B").purge("$KV.B." + key, UINT64_MAX); }
  template <class Start>
  std::string end_of(const Start& start) {
    outcome ended;
    start(note{&ended});
    EXPECT_TRUE(in.run_until([&] { return ended.calls > 0; }));
    return ended.code ? ended.code.message() + ": " + ended.detail : ended.value;
  }
  std::string list(const std::vector<std::string>& filters = {">"}) {
    return end_of([&](note done) { list_stored_keys(in.kv, filters, done); });
  }
  std::string count(const std::vector<std::string>& filters) {
    return end_of([&](note done) { count_keys(in.kv, filters, done); });
  }

  lab in;
  std::function<void(int page)> before_page = [](int) {};
  int pages = 0;
};

TEST_F(stored_keys, come_in_pages) {
  EXPECT_EQ(list(), "ok [a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 ]");
  EXPECT_EQ(pages, 4) << "each begins with the last key of the one before it";
}

TEST_F(stored_keys, are_listed_with_their_tombstones_and_the_history_once) {
  in.server().put("B", "a.1", "again");
  in.server().put("B", "a.2", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n");
  EXPECT_EQ(list({"a.1", "a.2", "none"}), "ok [a.1 a.2 ]");
  EXPECT_EQ(list({"none.>"}), "ok []");
}

TEST_F(stored_keys, that_stay_are_not_lost_when_others_before_them_go) {
  before_page = [this](int page) {
    if (page != 2) return;
    for (const char* key : {"a.1", "a.2", "a.3"}) remove(key);
  };
  EXPECT_EQ(list(), "ok [a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 ]") << "the first three were there";
}

TEST_F(stored_keys, that_stay_are_not_lost_when_as_many_come_behind_them) {
  before_page = [this](int page) {
    if (page != 2) return;
    for (const char* key : {"a.2", "a.3"}) remove(key);
    for (const char* key : {"a.90", "a.91"}) in.server().put("B", key, "v");
  };
  EXPECT_EQ(list(), "ok [a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 a.90 a.91 ]");
}

TEST_F(stored_keys, come_once_when_others_come_before_them) {
  before_page = [this](int page) {
    if (page == 2) in.server().put("B", "a.0", "v");
  };
  EXPECT_EQ(list(), "ok [a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 ]");
}

TEST_F(stored_keys, end_when_all_go) {
  before_page = [this](int page) {
    if (page == 2) in.server().streams.at("KV_B").purge(">", UINT64_MAX);
  };
  EXPECT_EQ(list(), "ok [a.1 a.2 a.3 ]");
}

TEST_F(stored_keys, of_several_filters_count_once) {
  in.server().put("B", "b.1", "v");
  EXPECT_EQ(count({"a.*"}), "ok 8");
  EXPECT_EQ(count({"a.*", "b.>", "none"}), "ok 9");
  EXPECT_EQ(count({"a.*", "a.1", "a.>"}), "ok 8");
  EXPECT_EQ(count({"a.*", "*.1"}), "ok 9");
  EXPECT_EQ(list({"a.*", "*.1"}), "ok [a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 b.1 ]");
}

TEST_F(stored_keys, of_filters_apart_are_counted_without_a_list) {
  EXPECT_EQ(count({"a.1", "a.2", "b.*"}), "ok 2");
  EXPECT_EQ(pages, 3);
}

TEST_F(stored_keys, of_no_filter_are_refused) {
  EXPECT_NE(list({}).find("no filters"), std::string::npos);
  EXPECT_NE(count({}).find("no filters"), std::string::npos);
  EXPECT_NE(list({"a", "a..b"}).find("a..b"), std::string::npos);
  EXPECT_EQ(pages, 0);
}

}  // namespace
}  // namespace kvco::test
