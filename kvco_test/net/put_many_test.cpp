// Many puts at once: their order, their bounds, and that no item spoils another.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <map>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

/// Items and the texts that they show.
struct items {
  explicit items(std::size_t count, std::size_t keys = SIZE_MAX, std::size_t size = 0) {
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back("k" + std::to_string(i % keys));
      texts.push_back(std::to_string(i) + std::string(size, '.'));
    }
    for (std::size_t i = 0; i < count; ++i) all.push_back({texts[2 * i], texts[2 * i + 1]});
  }
  std::vector<std::string> texts;
  std::vector<put_item> all;
};

class put_many : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(in.connect_and_open()); }

  void start(const std::vector<put_item>& all, put_many_options options = {}) {
    in.kv.put_many(all, options, [this](error_code code, std::vector<put_outcome> got) {
      note{&result}(code);
      outcomes = std::move(got);
    });
  }
  void put(const std::vector<put_item>& all, put_many_options options = {}) {
    start(all, options);
    EXPECT_EQ(result.calls, 0) << "completed inside the call that starts it";
    ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
    EXPECT_TRUE(succeeded(result));
    ASSERT_EQ(outcomes.size(), all.size());
    EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
  }
  const stored* last_of(std::string_view key) {
    return in.server().streams.at("KV_B").last_of("$KV.B." + std::string(key));
  }
  std::size_t count(errc meaning) const {
    return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(),
                                                  [&](const put_outcome& o) { return o.code() == meaning; }));
  }
  /// What each item says is what the server did, and the last stored item of each key is its value.
  void judge(const std::vector<put_item>& all) {
    std::map<std::string, std::string> values;
    for (const applied_write& w : in.server().applied) values[w.subject] = w.payload;
    std::map<std::string, std::size_t> last;
    revision before = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string subject = "$KV.B." + std::string(all[i].key);
      const auto times = std::count_if(
          in.server().applied.begin(), in.server().applied.end(),
          [&](const applied_write& w) { return w.subject == subject && w.payload == all[i].value; });
      EXPECT_LE(times, 1) << "item " << i << " was stored twice";
      if (outcomes[i].ok()) {
        EXPECT_EQ(times, 1) << "item " << i;
        EXPECT_GT(outcomes[i].revision(), before) << "item " << i << " is not in order";
        before = outcomes[i].revision();
        last[subject] = i;
      } else if (outcomes[i].code() != errc::outcome_unknown) {
        EXPECT_EQ(times, 0) << "item " << i << " says " << outcomes[i].code().message() << " and was stored";
      } else if (times == 1) {
        last[subject] = i;
      }
    }
    for (const auto& [subject, i] : last) EXPECT_EQ(values[subject], all[i].value) << subject;
  }
  lab in;
  outcome result;
  std::vector<put_outcome> outcomes;
};

TEST_F(put_many, tells_of_each_item_in_its_order) {
  const items some(5000, 700);
  put(some.all);
  for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].revision(), i + 1);
  judge(some.all);
  in.expect_working();
}

// The room of an answered removal is that of the next one: with one at a time each would take a round trip.
TEST_F(put_many, removals_stay_in_flight_together) {
  for (int i = 0; i < 100; ++i) in.server().put("B", "gone." + std::to_string(i), "v");
  std::vector<std::size_t> in_flight;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.subject.starts_with("$KV.B.gone.")) in_flight.push_back(in.nats.statistics().pending_requests);
    return false;
  };
  erase_keys(in.kv, "gone.*", {.max_in_flight = 10}, note{&result});
  in.run_until([&] { return result.calls > 0; });
  EXPECT_EQ(result.value, "ok 100");
  ASSERT_EQ(in_flight.size(), 100u);
  EXPECT_LE(std::count(in_flight.begin() + 10, in_flight.end() - 10, 1u), 0) << "alone";
}

TEST_F(put_many, takes_items_however_they_are_held) {
  outcome results[4];
  in.kv.put_many({{"a", "1"}, {"b", "2"}}, note{&results[0]});
  const std::array<put_item, 2> array = {put_item{"a", "3"}, put_item{"b", "4"}};
  in.kv.put_many(array, note{&results[1]});
  in.kv.put_many(std::span<const put_item>(array), note{&results[2]});
  in.kv.put_many({}, note{&results[3]});
  for (const outcome& each : results) EXPECT_EQ(each.calls, 0);
  in.run();
  EXPECT_EQ(results[0].value, "ok [1, 2, ]");
  EXPECT_EQ(results[1].value, "ok [3, 4, ]");
  EXPECT_EQ(results[2].value, "ok [5, 6, ]");
  EXPECT_EQ(results[3].value, "ok []");
}

TEST_F(put_many, copies_what_it_is_given) {
  {
    items some(100);
    start(some.all);
    for (std::string& text : some.texts) text.assign(text.size(), '#');
  }
  in.run();
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(last_of("k7")->payload, "7");
  EXPECT_EQ(last_of("k99")->payload, "99");
}

TEST_F(put_many, an_item_that_is_refused_spoils_no_other) {
  in.server().script = [this](server_connection& conn, const client_frame& frame) {
    if (frame.subject == "$KV.B.secret") {
      in.server().say(conn, "-ERR 'Permissions Violation for Publish to \"$KV.B.secret\"'\r\n");
    } else if (frame.subject == "$KV.B.full") {
      in.server().deliver(frame.reply, {}, {},
                          R"({"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},)"
                          R"("stream":"KV_B","seq":0})");
    } else if (frame.subject == "$KV.B.garbled") {
      in.server().deliver(frame.reply, {}, {}, "?");
    } else {
      return false;
    }
    return true;
  };
  const std::string large(2u << 20, 'x');
  const core::time_point begin = in.world().now();
  put({{"a", "1"},
       {"a b", "2"},
       {"", "3"},
       {"large", large},
       {"secret", "4"},
       {"full", "5"},
       {"garbled", "6"},
       {"*", "7"},
       {"a", "8"}});
  EXPECT_EQ(describe(outcomes),
            "[1, invalid key, invalid key, value too large, permission denied, bucket full, "
            "outcome unknown, invalid key, 2, ]");
  EXPECT_NE(outcomes[1].detail().find("\"a b\""), std::string::npos) << outcomes[1].detail();
  EXPECT_NE(outcomes[4].detail().find("$KV.B.secret"), std::string::npos) << outcomes[4].detail();
  EXPECT_NE(outcomes[5].detail().find("maximum bytes"), std::string::npos) << outcomes[5].detail();
  EXPECT_EQ(last_of("a")->payload, "8");
  EXPECT_EQ(in.world().now(), begin);
  in.expect_working();
}

TEST_F(put_many, options_that_are_refused_as_a_whole) {
  const std::size_t frames = in.server().frames;
  outcome none, negative;
  in.kv.put_many({{"a", "1"}}, put_many_options{.max_in_flight = 0}, note{&none});
  in.kv.put_many({{"a", "1"}}, put_many_options{.timeout = -1ns}, note{&negative});
  in.run();
  EXPECT_TRUE(failed_with(none, errc::invalid_argument));
  EXPECT_TRUE(failed_with(negative, errc::invalid_argument));
  EXPECT_EQ(in.server().frames, frames);
}

// --- bounds ----------------------------------------------------------------------------------------------------------

TEST_F(put_many, has_a_bounded_number_of_items_on_its_way) {
  std::vector<client_frame> kept;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.what == client_frame::verb::pub) kept.push_back(frame);
    return frame.what == client_frame::verb::pub;
  };
  const items some(100);
  start(some.all, {.max_in_flight = 7});
  in.run();
  for (std::size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(kept.size(), std::min<std::size_t>(7 + i, 100));
    in.server().carry_out(*in.server().newest(), client_frame(kept[i]));
    in.run();
  }
  EXPECT_TRUE(succeeded(result));
  judge(some.all);
}

TEST_F(put_many, has_a_bounded_number_of_bytes_on_its_way) {
  lab narrow(config("nats://a:4222").write_buffer(100'000));
  ASSERT_NO_FATAL_FAILURE(narrow.connect_and_open());
  narrow.server().answers = false;
  const items some(100, 100, 30'000);
  outcome noted;
  narrow.kv.put_many(some.all, note{&noted});
  narrow.run();
  EXPECT_EQ(narrow.nats.statistics().pending_requests, 3u);
  narrow.server().answers = true;
  narrow.world().end_connection(asio::error::eof);
  ASSERT_TRUE(narrow.run_until([&] { return noted.calls > 0; }));
  EXPECT_EQ(narrow.server().applied.size(), 97u);
}

// --- time ------------------------------------------------------------------------------------------------------------

TEST_F(put_many, takes_longer_than_its_timeout_if_the_server_goes_on) {
  std::vector<client_frame> kept;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.what == client_frame::verb::pub) kept.push_back(frame);
    return frame.what == client_frame::verb::pub;
  };
  const items some(20);
  start(some.all, {.timeout = 3s, .max_in_flight = 2});
  for (std::size_t i = 0; i < 20; ++i) {
    in.pass(1s);
    in.server().carry_out(*in.server().newest(), client_frame(kept.at(i)));
  }
  in.run();
  ASSERT_TRUE(succeeded(result));
  for (const put_outcome& each : outcomes) EXPECT_TRUE(each.ok()) << each.code().message();
}

TEST_F(put_many, one_item_without_an_answer_costs_no_other) {
  in.server().script = [&](server_connection&, const client_frame& frame) {
    return frame.subject == "$KV.B.k5";
  };
  const items some(100);
  put(some.all, {.max_in_flight = 2});
  EXPECT_EQ(outcomes[5].code(), errc::outcome_unknown);
  EXPECT_EQ(std::count_if(outcomes.begin(), outcomes.end(), [](const put_outcome& o) { return o.ok(); }), 99);
}

TEST_F(put_many, ends_when_the_server_falls_silent) {
  std::size_t left = 40;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.what != client_frame::verb::pub) return false;
    return left == 0 || left-- == 0;
  };
  const items some(10'000);
  start(some.all, {.timeout = 2s, .max_in_flight = 10});
  in.run();
  const core::time_point begin = in.world().now();
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_EQ(in.world().now() - begin, 2s);
  EXPECT_EQ(count(errc::outcome_unknown), 10u);
  EXPECT_EQ(count(errc::timeout), 10'000u - 50u);
  judge(some.all);
  in.expect_working();
}

// --- order -----------------------------------------------------------------------------------------------------------

TEST_F(put_many, keeps_the_order_when_items_are_refused_for_a_while) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    lab fresh;
    ASSERT_NO_FATAL_FAILURE(fresh.connect_and_open());
    std::uint64_t state = seed;
    const auto dice = [&state](unsigned sides) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return (state >> 33) % sides;
    };
    // A leader that comes and goes, message by message.
    fresh.server().script = [&](server_connection&, const client_frame& frame) {
      if (stream_of(frame.subject) != "KV_B" || dice(10) != 0) return false;
      fresh.server().no_responders(frame);
      return true;
    };
    const items some(300, 5);
    outcome noted;
    std::vector<put_outcome> got;
    fresh.kv.put_many(some.all, put_many_options{.max_in_flight = 20},
                      [&](error_code code, std::vector<put_outcome> all) {
                        note{&noted}(code);
                        got = std::move(all);
                      });
    ASSERT_TRUE(fresh.run_until([&] { return noted.calls > 0; }));
    ASSERT_TRUE(succeeded(noted));
    std::vector<std::string> last(5);
    std::size_t superseded = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (got[i].ok()) last[i % 5] = some.all[i].value;
      superseded += got[i].code() == errc::unavailable;
    }
    for (std::size_t k = 0; k < 5; ++k) {
      const stored* found = fresh.server().streams.at("KV_B").last_of("$KV.B.k" + std::to_string(k));
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(found->payload, std::to_string(295 + k))
          << "seed " << seed << ": an earlier item is the last";
      EXPECT_EQ(found->payload, last[k]);
    }
    EXPECT_GT(superseded, 0u) << "seed " << seed << ": nothing was at stake";
    fresh.expect_working();
  }
}

TEST_F(put_many, of_different_keys_loses_nothing_when_items_are_refused_for_a_while) {
  std::size_t asked = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (stream_of(frame.subject) != "KV_B" || ++asked % 3 != 0) return false;
    in.server().no_responders(frame);
    return true;
  };
  const items some(500);
  put(some.all, {.max_in_flight = 50});
  for (const put_outcome& each : outcomes) EXPECT_TRUE(each.ok()) << each.code().message();
  EXPECT_EQ(in.server().applied.size(), 500u);
}

TEST_F(put_many, without_a_leader_every_item_is_unavailable) {
  in.server().leaderless.insert("KV_B");
  const items some(3000);
  const core::time_point begin = in.world().now();
  put(some.all);
  EXPECT_EQ(count(errc::unavailable), 3000u);
  EXPECT_LE(in.world().now() - begin, 10s);
  EXPECT_GE(in.world().now() - begin, 9s);
  EXPECT_TRUE(in.server().applied.empty());
}

// Found by chaos: items that the old leader left unanswered for a while, and that were refused then, got their time anew.
TEST_F(put_many, an_item_that_is_refused_late_has_no_second_deadline) {
  std::vector<client_frame> kept;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (stream_of(frame.subject) != "KV_B") return false;
    kept.push_back(frame);
    return true;
  };
  const items some(10);
  const core::time_point begin = in.world().now();
  start(some.all);
  in.pass(6s);
  ASSERT_EQ(kept.size(), 10u);
  in.server().script = nullptr;
  in.server().leaderless.insert("KV_B");
  for (const client_frame& frame : kept) in.server().no_responders(frame);
  in.run_until([&] { return result.calls > 0; });
  EXPECT_LE(in.world().now() - begin, 10s);
  EXPECT_GE(in.world().now() - begin, 9s);
}

TEST_F(put_many, into_a_bucket_that_is_gone_is_told_at_once) {
  in.server().streams.erase("KV_B");
  const items some(3000);
  const core::time_point begin = in.world().now();
  put(some.all);
  EXPECT_EQ(count(errc::bucket_not_found), 3000u);
  EXPECT_EQ(in.world().now(), begin);
}

// --- the end of things -----------------------------------------------------------------------------------------------

TEST_F(put_many, cancelled_in_the_middle_sends_no_more) {
  in.server().answers = false;
  asio::cancellation_signal signal;
  const items some(5000);
  in.kv.put_many(some.all, asio::bind_cancellation_slot(signal.slot(), note{&result}));
  in.run();
  EXPECT_EQ(in.nats.statistics().pending_requests, 1024u);
  signal.emit(asio::cancellation_type::partial);
  in.run();
  EXPECT_EQ(result.code, asio::error::operation_aborted);
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
  in.expect_working();
}

TEST_F(put_many, into_a_closed_client) {
  outcome closed, later;
  in.nats.close(note{&closed});
  in.run();
  in.kv.put_many({{"a", "1"}}, note{&later});
  in.run();
  EXPECT_TRUE(failed_with(later, errc::closed));
}

TEST_F(put_many, of_which_the_client_is_closed) {
  const items some(5000);
  start(some.all, {.max_in_flight = 10});
  for (int i = 0; i < 12; ++i) in.step();
  outcome closed;
  in.nats.close(note{&closed});
  in.run();
  EXPECT_TRUE(succeeded(closed));
  ASSERT_TRUE(succeeded(result)) << "what was sent was answered before the end";
  EXPECT_GT(count(errc::closed), 4000u);
  judge(some.all);
}

TEST_F(put_many, of_which_the_connection_is_lost_for_good) {
  lab last(config("nats://a:4222").reconnect([](auto& reconnect) { reconnect.enabled(false); }));
  ASSERT_NO_FATAL_FAILURE(last.connect_and_open());
  last.server().answers = false;
  const items some(3000);
  std::vector<put_outcome> got;
  last.kv.put_many(some.all, [&](error_code code, std::vector<put_outcome> all) {
    note{&result}(code);
    got = std::move(all);
  });
  last.run();
  last.world().end_connection(asio::error::eof);
  last.run();
  ASSERT_TRUE(succeeded(result));
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].code(), i < 1024 ? errc::outcome_unknown : errc::closed) << i << got[i].code().message();
  }
}

// fault: 9
TEST(put_many_cut, after_each_byte) {
  const items some(8, 3);
  for (const direction way : {direction::to_client, direction::to_server}) {
    std::size_t size = 1, unknown = 0;
    for (std::size_t at = 0; at < size; ++at) {
      SCOPED_TRACE("cut after byte " + std::to_string(at));
      lab in;
      ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
      scripted_world& world = in.world();
      world.write_size = [] { return std::size_t{50}; };
      const auto gone = [&] {
        return way == direction::to_client ? world.bytes_to_client : world.bytes_to_server;
      };
      const std::size_t before = gone();
      if (at != 0) world.planned_cut = cut{way, before + at, asio::error::connection_reset};
      outcome result;
      std::vector<put_outcome> got;
      in.kv.put_many(some.all, put_many_options{.max_in_flight = 3},
                     [&](error_code code, std::vector<put_outcome> all) {
                       note{&result}(code);
                       got = std::move(all);
                     });
      ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
      ASSERT_TRUE(succeeded(result));
      std::size_t stored_items = 0;
      for (std::size_t i = 0; i < got.size(); ++i) {
        const auto& log = in.server().applied;
        const auto times = std::count_if(
            log.begin(), log.end(), [&](const applied_write& w) { return w.payload == some.all[i].value; });
        EXPECT_LE(times, 1) << "stored twice: " << i;
        if (got[i].ok()) {
          EXPECT_EQ(times, 1) << i;
        } else {
          EXPECT_EQ(got[i].code(), errc::outcome_unknown) << i << got[i].code().message();
          ++unknown;
        }
        stored_items += static_cast<std::size_t>(times);
      }
      EXPECT_EQ(in.server().applied.size(), stored_items);
      EXPECT_TRUE(std::is_sorted(in.server().applied.begin(), in.server().applied.end(),
                                 [](const auto& a, const auto& b) { return a.payload < b.payload; }))
          << "out of order";
      if (at == 0) size = gone() - before;
      in.expect_working();
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(unknown, 100u);
  }
}

}  // namespace
}  // namespace kvco::test
