// Many keys at once: each way of asking gives the same, whatever becomes of the series of replies.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <kvco/net/session.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> numbered(std::size_t count, const std::string& prefix = "k") {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(prefix + std::to_string(i));
  return keys;
}

bool is_multi(const client_frame& frame) { return frame.payload.find("multi_last") != std::string::npos; }

class get_many : public testing::Test {
 protected:
  void SetUp() override {
    in.server().version = "2.15.1";
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  }
  void fill(const std::vector<std::string>& keys, const std::string& value = "v") {
    for (const std::string& key : keys) in.server().put("B", key, value + key);
  }
  /// What each key has, by the server.
  std::string truth(const std::vector<std::string>& keys) {
    std::string text = "ok [";
    for (const std::string& key : keys) {
      const stored* last = in.server().streams.at("KV_B").last_of("$KV.B." + key);
      const bool value = last != nullptr && header_value(last->header, "KV-Operation").empty() &&
                         header_value(last->header, "Nats-Marker-Reason").empty();
      text += value ? key + '@' + std::to_string(last->seq) + '=' + last->payload + ' ' : "none ";
    }
    return text + ']';
  }
  void start(const std::vector<std::string>& keys, outcome& to, get_options options = {}) {
    in.kv.get_many(keys, options, note{&to});
  }
  std::string get(const std::vector<std::string>& keys, get_options options = {}) {
    outcome result;
    start(keys, result, options);
    EXPECT_EQ(result.calls, 0) << "completed inside the call that starts it";
    EXPECT_TRUE(in.run_until([&] { return result.calls > 0; }));
    EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
    return result.code ? result.code.message() + " (" + result.detail + ')' : result.value;
  }
  /// Each series goes through `change` before it is delivered.
  using series = std::vector<fake_server::series_reply>;
  void change_series(std::function<void(series&)> change) {
    in.server().script = [this, change = std::move(change)](server_connection&, const client_frame& frame) {
      if (!is_multi(frame)) return false;
      series all = in.server().answer_multi_get(frame);
      change(all);
      for (const auto& each : all) in.server().deliver(frame.reply, {}, each.header, each.payload);
      return true;
    };
  }
  /// Counts frames, and carries them out.
  void count(std::size_t& multi, std::size_t& single) {
    in.server().script = [&](server_connection&, const client_frame& frame) {
      if (frame.what == client_frame::verb::pub) ++(is_multi(frame) ? multi : single);
      return false;
    };
  }
  lab in;
};

// --- ways of asking --------------------------------------------------------------------------------------------------

struct way {
  std::string name, version;
  bool direct = true;
  consistency who = consistency::session;
  friend std::ostream& operator<<(std::ostream& to, const way& w) { return to << w.name; }
};

class get_many_by : public get_many, public testing::WithParamInterface<way> {
 protected:
  void SetUp() override {
    in.server().version = GetParam().version;
    in.server().create_bucket("B");
    if (!GetParam().direct) {
      std::string config = in.server().streams.at("KV_B").config();
      config.replace(config.find("\"allow_direct\":true"), 19, "\"allow_direct\":false");
      in.server().streams.at("KV_B").set_config(config);
    }
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  }
  get_options options() const { return {.consistency = GetParam().who}; }
};

INSTANTIATE_TEST_SUITE_P(way, get_many_by,
                         testing::Values(way{"multi_last", "2.15.1"}, way{"server_2_10", "2.10.27"},
                                         way{"server_2_9", "2.9.10"},
                                         way{"leader", "2.15.1", true, consistency::leader},
                                         way{"without_direct_get", "2.15.1", false}),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(get_many_by, gives_what_each_key_has_in_the_order_asked_for) {
  fill({"c", "a", "b", "a.b"});
  in.server().put("B", "a", "2");
  in.server().put("B", "erased", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n");
  in.server().put("B", "purged", "", "NATS/1.0\r\nKV-Operation: PURGE\r\nNats-Rollup: sub\r\n\r\n");
  in.server().put("B", "expired", "", "NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\n\r\n");
  in.server().put("B", "empty", "");
  const std::vector<std::string> keys = {"a",      "none",    "b",     "a",    "a.b", "erased", "c",
                                         "purged", "expired", "empty", "none", "a",   "erased"};
  EXPECT_EQ(get(keys, options()),
            "ok [a@5=2 none b@3=vb a@5=2 a.b@4=va.b none c@1=vc none none empty@9= none a@5=2 none ]");
  EXPECT_EQ(get({"a"}, options()), "ok [a@5=2 ]");
  EXPECT_EQ(get({"none"}, options()), "ok [none ]");
  EXPECT_EQ(get({"none", "nothing"}, options()), "ok [none none ]");
  in.expect_working();
}

TEST_P(get_many_by, of_thousands_of_keys) {
  std::vector<std::string> keys = numbered(3000);
  fill(keys);
  for (std::size_t i = 0; i < keys.size(); i += 7) keys[i] = "absent" + std::to_string(i);
  for (std::size_t i = 3; i + 600 < keys.size(); i += 11) keys[i + 600] = keys[i];
  std::reverse(keys.begin(), keys.end());
  EXPECT_EQ(get(keys, options()), truth(keys));
}

TEST_P(get_many_by, is_asked_again_after_a_reconnect) {
  const auto keys = numbered(1200);
  fill(keys);
  in.server().answers = false;
  outcome result;
  start(keys, result, options());
  in.run();
  in.world().end_connection(asio::error::eof);
  in.server().answers = true;
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_EQ(result.value, truth(keys)) << result.code.message() << result.detail;
  in.expect_working();
}

TEST_P(get_many_by, ends_at_its_deadline_and_when_the_bucket_is_gone) {
  const auto keys = numbered(600);
  fill(keys);
  in.server().answers = false;
  outcome late;
  const core::time_point begin = in.world().now();
  start(keys, late, {.timeout = 3s, .consistency = GetParam().who});
  ASSERT_TRUE(in.run_until([&] { return late.calls > 0; }));
  EXPECT_TRUE(failed_with(late, errc::timeout));
  EXPECT_EQ(in.world().now() - begin, 3s);
  in.server().answers = true;
  in.server().streams.erase("KV_B");
  outcome gone;
  start(keys, gone, options());
  in.run();
  EXPECT_TRUE(failed_with(gone, errc::bucket_not_found));
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
}

// --- what is refused, and what is nothing ----------------------------------------------------------------------------

TEST_F(get_many, of_no_keys_is_nothing) {
  const std::size_t frames = in.server().frames;
  EXPECT_EQ(get({}), "ok []");
  EXPECT_EQ(in.server().frames, frames);
}

TEST_F(get_many, refuses_a_bad_key_with_its_index_before_anything_is_sent) {
  const std::size_t frames = in.server().frames;
  auto keys = numbered(1000);
  keys[700] = "a b";
  outcome result;
  start(keys, result);
  in.run();
  EXPECT_TRUE(failed_with(result, errc::invalid_key));
  EXPECT_NE(result.detail.find("keys[700]"), std::string::npos) << result.detail;
  EXPECT_NE(result.detail.find("\"a b\""), std::string::npos) << result.detail;
  outcome negative;
  start({"a"}, negative, {.timeout = -1ns});
  in.run();
  EXPECT_TRUE(failed_with(negative, errc::invalid_argument));
  EXPECT_EQ(in.server().frames, frames);
}

TEST_F(get_many, takes_keys_however_they_are_held) {
  fill({"a", "b"});
  const std::string expected = "ok [b@2=vb a@1=va ]";
  outcome results[6];
  in.kv.get_many({"b", "a"}, note{&results[0]});
  const std::vector<std::string> strings = {"b", "a"};
  in.kv.get_many(strings, note{&results[1]});
  const std::vector<std::string_view> views = {"b", "a"};
  in.kv.get_many(views, note{&results[2]});
  const std::array<std::string_view, 2> array = {"b", "a"};
  in.kv.get_many(array, note{&results[3]});
  in.kv.get_many(std::span<const std::string>(strings), note{&results[4]});
  in.kv.get_many(std::vector<std::string>{"b", "a"}, get_options{}, note{&results[5]});
  in.run();
  for (const outcome& each : results) EXPECT_EQ(each.value, expected) << each.detail;
}

// --- chunks and bounds -----------------------------------------------------------------------------------------------

TEST_F(get_many, sends_few_requests_of_bounded_size) {
  const auto keys = numbered(2000, std::string(600, 'k'));
  fill(keys);
  std::size_t largest = 0, requests = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    largest = std::max(largest, frame.payload.size());
    requests += is_multi(frame);
    return false;
  };
  EXPECT_EQ(get(keys), truth(keys));
  EXPECT_LE(largest, 128u * 1024);
  EXPECT_GE(requests, 10u);
  EXPECT_LE(requests, 12u);
}

TEST_F(get_many, respects_a_small_max_payload) {
  const auto keys = numbered(40);
  fill(keys);
  for (const std::size_t limit : {40u, 80u, 100u, 200u, 1000u}) {
    in.server().max_payload = limit;
    in.server().newest()->parser.set_max_payload(limit);
    in.server().say(*in.server().newest(), "INFO " + in.server().info_json() + "\r\n");
    in.run();
    EXPECT_EQ(get(keys), truth(keys)) << limit;
    in.expect_well_formed();
  }
}

TEST_F(get_many, has_a_bounded_number_of_requests_on_its_way) {
  const auto keys = numbered(20'000);
  in.server().script = [&](server_connection&, const client_frame& frame) {
    return frame.what == client_frame::verb::pub;
  };
  outcome first, second;
  start(keys, first);
  in.run();
  EXPECT_EQ(in.nats.statistics().pending_requests, 4u);
  // Both together stay below what the server holds for one connection.
  start(keys, second);
  in.run();
  EXPECT_EQ(in.nats.statistics().pending_requests, 6u);
  EXPECT_LE(in.session().replies().taken(), 32u << 20);
  in.pass(10s);
  EXPECT_TRUE(failed_with(first, errc::timeout));
  EXPECT_TRUE(failed_with(second, errc::timeout));
  EXPECT_EQ(in.session().replies().taken(), 0u);
  in.expect_working();
}

TEST_F(get_many, one_by_one_begins_with_few_and_goes_on_with_many) {
  in.server().version = "2.10.27";
  const auto keys = numbered(20'000);
  std::vector<client_frame> kept;
  bool keep = true;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    const bool direct = keep && frame.what == client_frame::verb::pub && !is_multi(frame);
    if (direct) kept.push_back(frame);
    return direct;
  };
  outcome result;
  start(keys, result);
  in.run();
  EXPECT_EQ(kept.size(), 32u) << "each may be as large as max_payload";
  in.server().carry_out(*in.server().newest(), kept[0]);
  in.run();
  EXPECT_EQ(kept.size(), 1 + 512u);
  keep = false;
  for (std::size_t i = 1; i < kept.size(); ++i) in.server().carry_out(*in.server().newest(), kept[i]);
  in.run();
  EXPECT_EQ(result.value, truth(keys));
}

TEST_F(get_many, several_at_once_all_complete) {
  const auto keys = numbered(4000);
  fill(keys);
  std::vector<outcome> results(20);
  for (outcome& each : results) start(keys, each);
  in.run();
  const std::string expected = truth(keys);
  for (const outcome& each : results)
    EXPECT_TRUE(each.value == expected) << each.calls << each.code.message();
  EXPECT_EQ(in.session().replies().taken(), 0u);
}

// Values that one series cannot take: the rest is asked for again, also where a key is written in between.
TEST_F(get_many, a_series_that_ends_early_is_continued) {
  in.server().create_bucket("B", 1);
  const auto keys = numbered(300);
  fill(keys, std::string(60'000, 'x'));
  std::size_t asked = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    // Before each page all keys get a new revision: with history 1 the old ones are gone.
    if (is_multi(frame) && asked++ < 4) fill(keys, std::to_string(asked) + std::string(60'000, 'y'));
    return false;
  };
  outcome result;
  std::vector<std::optional<entry>> values;
  in.kv.get_many(keys, [&](error_code code, std::vector<std::optional<entry>> got) {
    note{&result}(code);
    values = std::move(got);
  });
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  ASSERT_TRUE(succeeded(result));
  EXPECT_GE(asked, 4u) << "18 MB do not fit one series";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_TRUE(values[i]) << keys[i] << " has disappeared";
    EXPECT_EQ(values[i]->key(), keys[i]);
  }
}

// --- broken series ---------------------------------------------------------------------------------------------------

class broken_series : public get_many {
 protected:
  void SetUp() override {
    get_many::SetUp();
    fill(keys);
    keys.insert(keys.begin() + 3, "absent");
    keys.push_back(keys[1]);
  }
  std::vector<std::string> keys = numbered(8);
};

TEST_F(broken_series, with_any_reply_lost_twice_or_moved) {
  const std::string expected = truth(keys);
  for (std::size_t at = 0; at < 9; ++at) {
    for (int how = 0; how < 3; ++how) {
      if (how == 0 && at == 8) continue;  // the end: see the next test
      bool done = false;
      change_series([&](series& all) {
        if (std::exchange(done, true)) return;
        const auto here = all.begin() + static_cast<std::ptrdiff_t>(at);
        if (how == 0) all.erase(here);
        if (how == 1) all.insert(here, *here);
        if (how == 2) std::swap(all[at], all[(at + 1) % (all.size() - 1)]);
      });
      EXPECT_EQ(get(keys), expected) << at << " " << how;
    }
  }
  in.expect_working();
}

// What has come of it counts.
TEST_F(broken_series, without_its_end_is_asked_for_what_is_missing) {
  const std::string expected = truth(keys);
  for (std::size_t size = 0; size < 9; ++size) {
    int times = 0;
    change_series([&](series& all) {
      if (++times == 1) all.resize(size);
    });
    const core::time_point begin = in.world().now();
    const std::uint64_t repeated = in.nats.statistics().repeated_reads;
    EXPECT_EQ(get(keys), expected) << size;
    EXPECT_EQ(in.world().now() - begin, 1s);
    EXPECT_EQ(in.nats.statistics().repeated_reads, repeated + 1);
  }
  in.expect_working();
}

TEST_F(broken_series, that_never_comes_ends_at_the_deadline) {
  change_series([](series& all) { all.clear(); });
  const core::time_point begin = in.world().now();
  EXPECT_EQ(get(keys), error_code(client_error::timeout).message() + " (not all keys were answered in time)");
  EXPECT_EQ(in.world().now() - begin, 10s);
  in.expect_working();
}

TEST_F(broken_series, broken_off_behind_each_message) {
  const std::string expected = truth(keys);
  for (const char* status : {"404 Message Not Found", "500 Internal Error"}) {
    for (std::size_t size = 0; size < 9; ++size) {
      int times = 0;
      change_series([&](series& all) {
        if (++times > 2) return;
        all.resize(std::min(size, all.size()));
        all.push_back({std::string("NATS/1.0 ") + status + "\r\n\r\n", {}});
      });
      EXPECT_EQ(get(keys), expected) << status << " behind " << size;
    }
  }
}

// It never brings anything: then the keys are asked for one by one.
TEST_F(broken_series, that_always_breaks_off) {
  change_series([&](series& all) { all = {{"NATS/1.0 404 Message Not Found\r\n\r\n", {}}}; });
  EXPECT_EQ(get(keys), truth(keys));
}

TEST_F(broken_series, that_says_too_many) {
  in.server().most_at_once = 3;
  EXPECT_EQ(get(keys), truth(keys));
  in.server().most_at_once = 0;
  EXPECT_EQ(get(keys), truth(keys));
  const auto many = numbered(2000, "more");
  fill(many);
  in.server().most_at_once = 100;
  EXPECT_EQ(get(many), truth(many));
}

TEST_F(broken_series, with_a_message_of_another_key) {
  in.server().put("B", "foreign", "f");
  const std::string expected = truth(keys);
  bool done = false;
  change_series([&](series& all) {
    if (std::exchange(done, true)) return;
    // In the place of one that was asked for, as if a wildcard had been among the keys.
    all[2].header.replace(all[2].header.find("$KV.B.k2"), 8, "$KV.B.foreign");
  });
  EXPECT_EQ(get(keys), expected);
}

TEST_F(broken_series, that_cannot_be_read) {
  for (const char* header :
       {"NATS/1.0\r\n\r\n", "NATS/1.0 204 EOB\r\n\r\n", "", "garbage",
        "NATS/1.0\r\nNats-Stream: KV_B\r\nNats-Subject: $KV.other.k\r\nNats-Sequence: 1\r\n"
        "Nats-Time-Stamp: 2026-01-02T03:04:05Z\r\nNats-Num-Pending: 0\r\n"
        "Nats-Last-Sequence: 0\r\n\r\n"}) {
    change_series([&](series& all) { all.insert(all.begin() + 2, {header, {}}); });
    outcome result;
    start(keys, result);
    in.run();
    EXPECT_TRUE(failed_with(result, errc::protocol_error)) << header;
  }
  in.expect_working();
}

TEST_F(broken_series, each_of_them_late) {
  std::vector<client_frame> kept;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (is_multi(frame)) kept.push_back(frame);
    return is_multi(frame);
  };
  asio::cancellation_signal signal;
  outcome cancelled, next;
  in.kv.get_many(keys, asio::bind_cancellation_slot(signal.slot(), note{&cancelled}));
  in.run();
  ASSERT_EQ(kept.size(), 1u);
  auto all = in.server().answer_multi_get(kept[0]);
  for (std::size_t i = 0; i < 3; ++i) in.server().deliver(kept[0].reply, {}, all[i].header, all[i].payload);
  in.run();
  EXPECT_EQ(in.nats.statistics().late_replies, 0u);
  signal.emit(asio::cancellation_type::terminal);
  start({"absent", "k0"}, next);
  in.run();
  EXPECT_EQ(cancelled.code, asio::error::operation_aborted);
  // The next one has the slot of the one before, perhaps, but not its replies.
  for (std::size_t i = 3; i < all.size(); ++i) {
    in.server().deliver(kept[0].reply, {}, all[i].header, all[i].payload);
  }
  in.run();
  EXPECT_EQ(in.nats.statistics().late_replies, all.size() - 3);
  EXPECT_EQ(next.calls, 0);
  in.server().script = nullptr;
  in.server().carry_out(*in.server().newest(), kept.at(1));
  in.run();
  EXPECT_EQ(next.value, truth({"absent", "k0"}));
  // A duplicate of the whole series, when it is over.
  in.server().carry_out(*in.server().newest(), kept.at(1));
  in.run();
  EXPECT_EQ(in.nats.statistics().late_replies, all.size() - 3 + 2);
  in.expect_working();
}

// --- refusals --------------------------------------------------------------------------------------------------------

// fault: 58
TEST_F(get_many, remembers_a_server_that_does_not_know_it_until_the_next_connection) {
  in.server().version = "2.10.27";
  const auto keys = numbered(10);
  fill(keys);
  std::size_t multi = 0, single = 0;
  count(multi, single);
  EXPECT_EQ(get(keys), truth(keys));
  EXPECT_EQ(get(keys), truth(keys));
  EXPECT_EQ(multi, 1u);
  EXPECT_EQ(single, 20u);
  in.server().version = "2.15.1";
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected() && in.nats.statistics().reconnects > 0; }));
  EXPECT_EQ(get(keys), truth(keys));
  EXPECT_EQ(multi, 2u);
  EXPECT_EQ(single, 20u);
}

TEST_F(get_many, of_a_user_who_may_only_read_single_keys) {
  const auto keys = numbered(10);
  fill(keys);
  in.server().script = [this](server_connection& conn, const client_frame& frame) {
    if (!is_multi(frame)) return false;
    in.server().say(conn, "-ERR 'Permissions Violation for Publish to \"" + frame.subject + "\"'\r\n");
    return true;
  };
  EXPECT_EQ(get(keys), truth(keys));
}

// fault: 39
TEST_F(get_many, of_a_user_who_may_read_nothing) {
  in.server().script = [this](server_connection& conn, const client_frame& frame) {
    if (!frame.subject.starts_with("$JS.API.DIRECT")) return false;
    in.server().say(conn, "-ERR 'Permissions Violation for Publish to \"" + frame.subject + "\"'\r\n");
    return true;
  };
  outcome result;
  start(numbered(10), result);
  in.run();
  EXPECT_TRUE(failed_with(result, errc::permission_denied));
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
}

TEST_F(get_many, without_a_leader_until_the_deadline) {
  in.server().leaderless.insert("KV_B");
  outcome result;
  const core::time_point begin = in.world().now();
  in.server().frames = 0;
  start(numbered(5000), result);
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(failed_with(result, errc::unavailable));
  EXPECT_LE(in.world().now() - begin, 10s);
  EXPECT_GE(in.world().now() - begin, 9s);
  EXPECT_LE(in.server().frames, 300u) << "a storm";
}

TEST_F(get_many, when_the_client_goes_for_good) {
  lab last(config("nats://a:4222").reconnect([](auto& reconnect) { reconnect.enabled(false); }));
  ASSERT_NO_FATAL_FAILURE(last.connect_and_open());
  last.server().answers = false;
  outcome lost;
  last.kv.get_many(numbered(3000), note{&lost});
  last.run();
  last.world().end_connection(asio::error::eof);
  last.run();
  EXPECT_TRUE(failed_with(lost, errc::connection_lost));
  outcome closed;
  last.kv.get_many({"a"}, note{&closed});
  last.run();
  EXPECT_TRUE(failed_with(closed, errc::closed));
}

// --- however the bytes come ------------------------------------------------------------------------------------------

// fault: 13
TEST_F(get_many, reads_of_each_size_give_the_same) {
  const auto keys = numbered(12);
  fill(keys);
  const std::string expected = truth(keys);
  for (std::size_t size = 1; size <= 64; ++size) {
    in.world().read_size = [size] { return size; };
    EXPECT_EQ(get(keys), expected) << size;
  }
}

// fault: 9
TEST(get_many_cut, after_each_byte) {
  const std::vector<std::string> keys = {"k0", "none", "k1", "k2", "k0"};
  for (const char* version : {"2.15.1", "2.10.27"}) {
    for (const direction way : {direction::to_client, direction::to_server}) {
      std::size_t size = 1;
      for (std::size_t at = 0; at < size; ++at) {
        SCOPED_TRACE(std::string(version) + ", cut after byte " + std::to_string(at));
        lab in;
        in.server().version = version;
        ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
        for (const char* key : {"k0", "k1", "k2"}) in.server().put("B", key, "v");
        scripted_world& world = in.world();
        const auto gone = [&] {
          return way == direction::to_client ? world.bytes_to_client : world.bytes_to_server;
        };
        const std::size_t before = gone();
        if (at != 0) world.planned_cut = cut{way, before + at, asio::error::connection_reset};
        outcome result;
        in.kv.get_many(keys, note{&result});
        ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
        EXPECT_EQ(result.value, "ok [k0@1=v none k1@2=v k2@3=v k0@1=v ]") << result.detail;
        if (at == 0) size = gone() - before;
        EXPECT_EQ(world.dials.size(), at == 0 ? 1u : 2u);
        in.expect_working();
        if (testing::Test::HasFailure()) return;
      }
      EXPECT_GT(size, 100u);
    }
  }
}

}  // namespace
}  // namespace kvco::test
