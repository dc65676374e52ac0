// Where, when and how often handlers are called; what a throwing one does; closing in every situation.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class connected : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(in.connect_and_open()); }
  lab in;
};

using completion = connected;

// Refusals are known at once, and told in a later turn all the same.
// fault: 79
TEST_F(completion, is_never_inside_the_call) {
  outcome results[10];
  in.kv.put("bad key", "v", note{&results[0]});
  in.kv.get("", note{&results[1]});
  in.kv.get_revision("k", 0, note{&results[2]});
  in.kv.create("k", "v", create_options{.ttl = 1ms}, note{&results[3]});
  in.kv.keys("a..b", note{&results[4]});
  in.kv.history("*", note{&results[5]});
  in.nats.open_bucket("bad name", note{&results[6]});
  in.nats.flush(request_options{.timeout = -1s}, note{&results[7]});
  in.updates = in.kv.watch("a..b");
  in.updates.next(note{&results[8]});
  in.kv.put("large", std::string(2 << 20, 'x'), note{&results[9]});
  for (const outcome& each : results) EXPECT_EQ(each.calls, 0);
  const std::size_t frames = in.server().frames;
  in.run();
  for (const outcome& each : results) {
    EXPECT_EQ(each.calls, 1);
    EXPECT_TRUE(each.code);
  }
  EXPECT_EQ(in.server().frames, frames) << "something was sent";
  in.updates = {};
  in.expect_working();
}

// fault: 79
TEST_F(completion, may_start_the_next_operation) {
  int left = 1000;
  std::function<void(error_code, revision)> again = [&](error_code code, revision) {
    EXPECT_FALSE(code);
    if (--left > 0) in.kv.put("k", "v", again);
  };
  in.kv.put("k", "v", again);
  in.run();
  EXPECT_EQ(left, 0);
  EXPECT_EQ(in.server().applied.size(), 1000u);
}

// fault: 79
TEST_F(completion, is_on_the_executor_of_the_handler) {
  auto strand = asio::make_strand(in.executor());
  bool on_strand = false;
  in.kv.put("k", "v", asio::bind_executor(strand, [&](error_code, revision) {
              on_strand = strand.running_in_this_thread();
            }));
  in.run();
  EXPECT_TRUE(on_strand);

  // Another context: it does not run out of work while the operation is pending.
  asio::io_context elsewhere;
  int calls = 0;
  const auto count = [&](error_code, auto&&...) { ++calls; };
  in.kv.put("k", "v", asio::bind_executor(elsewhere, count));
  in.kv.keys(asio::bind_executor(elsewhere, count));
  in.nats.flush(asio::bind_executor(elsewhere, count));
  elsewhere.poll();
  EXPECT_FALSE(elsewhere.stopped()) << "its work was not kept";
  in.run();
  EXPECT_EQ(calls, 0);
  elsewhere.poll();
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(elsewhere.stopped()) << "work is left behind";
}

// fault: 79
TEST_F(completion, may_be_on_another_thread) {
  asio::thread_pool pool(1);
  std::thread::id thread;
  in.kv.put("k", "v",
            asio::bind_executor(pool, [&](error_code, revision) { thread = std::this_thread::get_id(); }));
  auto future = in.kv.put("k", "w", asio::use_future);
  in.run();
  EXPECT_EQ(future.get(), 2u);
  pool.join();
  EXPECT_NE(thread, std::thread::id());
  EXPECT_NE(thread, std::this_thread::get_id());
}

// fault: 79
TEST_F(completion, that_throws_goes_out_of_run_and_nothing_else_is_lost) {
  outcome first, last, slow;
  int thrown = 0;
  const auto fails = [](error_code, auto&&...) { throw std::runtime_error("from a handler"); };
  in.updates = in.kv.watch_all();
  in.run();
  in.kv.put("a", "1", note{&first});
  in.kv.put("b", "2", fails);
  in.kv.get("a", fails);
  in.nats.flush(fails);
  in.kv.status(fails);
  in.updates.next(fails);
  in.kv.put("c", "3", note{&last});
  in.kv.keys(note{&slow});
  for (int turn = 0; turn < 20; ++turn) {
    try {
      in.run();
      break;
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "from a handler");
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, 5);
  EXPECT_TRUE(succeeded(first));
  EXPECT_TRUE(succeeded(last));
  EXPECT_EQ(slow.value, "ok [a b c ]");
  in.expect_working(1);
}

// Nothing else happens on the connection that could make it go out.
// fault: 79
TEST_F(completion, that_throws_has_sent_what_it_had_begun) {
  outcome begun;
  in.kv.get("a", [&](error_code, auto&&...) {
    in.kv.put("b", "1", note{&begun});
    throw std::runtime_error("from a handler");
  });
  EXPECT_THROW(in.run(), std::runtime_error);
  in.run();
  EXPECT_TRUE(succeeded(begun));
}

TEST_F(completion, that_throws_while_the_client_drains_does_not_hold_it_up) {
  outcome drained;
  in.kv.get("a", [](error_code, auto&&...) { throw std::runtime_error("from a handler"); });
  in.nats.drain(note{&drained});
  EXPECT_THROW(in.run(), std::runtime_error);
  in.run();
  EXPECT_TRUE(succeeded(drained));
}

// More replies in one read than are told of at a time: what their handlers do holds for those that are still to be read.
class many_replies_in_one_read : public connected {
 protected:
  void put_all(std::function<void(std::size_t)> on_reply) {
    for (std::size_t i = 0; i < count; ++i) {
      in.kv.put("k" + std::to_string(i), "v", [this, on_reply](error_code code, revision rev) {
        code ? failed.push_back(code) : stored.push_back(rev);
        on_reply(stored.size() + failed.size());
      });
    }
    in.world().server_reads = false;  // until all are written
    in.run();
    in.world().server_reads = true;
    in.world().wake_all();
  }
  static constexpr std::size_t count = 500;
  std::vector<revision> stored;
  std::vector<error_code> failed;
};

TEST_F(many_replies_in_one_read, complete_in_order_and_start_what_follows) {
  std::vector<revision> order;
  put_all([&](std::size_t n) {
    if (n == 1) {
      EXPECT_EQ(in.server().applied.size(), count) << "they did not come together";
    }
    in.kv.put("next", "v", [&](error_code code, revision rev) {
      EXPECT_FALSE(code);
      order.push_back(rev);
    });
  });
  in.run();
  EXPECT_EQ(stored.size(), count);
  EXPECT_TRUE(std::is_sorted(stored.begin(), stored.end()));
  EXPECT_EQ(order.size(), count);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  in.expect_working();
}

TEST_F(many_replies_in_one_read, are_all_told_of_although_some_handlers_throw) {
  put_all([&](std::size_t n) {
    if (n % 50 == 0) throw std::runtime_error("from a handler");
  });
  std::size_t thrown = 0;
  for (bool more = true; more;) {
    try {
      in.run();
      more = false;
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, count / 50);
  EXPECT_EQ(stored.size(), count);
  in.expect_working();
}

TEST_F(many_replies_in_one_read, end_with_the_client) {
  put_all([&](std::size_t n) {
    if (n != 100) return;
    in.kv = {};
    in.other = {};
    in.drop_handles();
  });
  in.run();
  EXPECT_GE(stored.size(), 100u);
  EXPECT_LT(stored.size(), count) << "they were not told of in parts";
  EXPECT_EQ(stored.size() + failed.size(), count);
  for (const error_code& code : failed) EXPECT_EQ(code, asio::error::operation_aborted);
}

TEST_F(many_replies_in_one_read, are_all_told_of_although_the_connection_ends) {
  put_all([&](std::size_t n) {
    if (n == 100) in.world().end_connection(asio::error::connection_reset);
  });
  in.run();
  EXPECT_EQ(stored.size(), count) << "what was read is an answer";
  in.expect_working();
}

using closing = connected;

// fault: 80
TEST_F(closing, twice_at_once_completes_twice) {
  outcome results[4];
  in.nats.close(note{&results[0]});
  in.nats.close(note{&results[1]});
  in.step();
  in.nats.close(note{&results[2]});
  in.run();
  in.nats.close(note{&results[3]});
  in.run();
  for (const outcome& each : results) EXPECT_TRUE(succeeded(each));
  EXPECT_TRUE(in.reactor().stopped());
}

// fault: 80
TEST_F(closing, flushes_what_was_written_and_ends_what_is_pending) {
  in.server().script = [](server_connection&, const client_frame& frame) {
    return frame.subject == "$KV.B.unanswered";
  };
  std::vector<outcome> puts(50);
  outcome unanswered, list, closed;
  in.kv.put("unanswered", "v", note{&unanswered});
  for (outcome& each : puts) in.kv.put("k", std::string(1000, 'x'), note{&each});
  in.nats.close(note{&closed});
  in.run();
  EXPECT_TRUE(succeeded(closed));
  for (const outcome& each : puts) EXPECT_TRUE(succeeded(each));
  EXPECT_EQ(unanswered.code, asio::error::operation_aborted);
  EXPECT_EQ(in.server().applied.size(), 50u);
  EXPECT_TRUE(in.world().links.back()->sent_fin)
      << "closed without FIN: the server may lose what it has not read";
  EXPECT_EQ(in.world().links.back()->lost, "");
}

// A thousand writes and reads that the server has read and not answered.
class a_thousand_pending : public connected {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(connected::SetUp());
    in.server().script = [this](server_connection&, const client_frame& frame) {
      const bool asks = frame.what == client_frame::verb::pub && !frame.reply.empty();
      if (asks) kept.push_back(frame);
      return asks;
    };
    for (std::size_t i = 0; i < results.size(); i += 2) {
      in.kv.put("k" + std::to_string(i), "v", note{&results[i]});
      in.kv.get("k" + std::to_string(i), note{&results[i + 1]});
    }
    in.run();
    ASSERT_EQ(in.nats.statistics().pending_requests, results.size());
  }
  void expect_ended(const error_code& code) {
    for (const outcome& each : results) {
      EXPECT_EQ(each.calls, 1);
      EXPECT_EQ(each.code, code);
    }
    EXPECT_TRUE(in.reactor().stopped());
  }
  std::vector<client_frame> kept;
  std::vector<outcome> results{1000};
  outcome ended;
};

// fault: 80
TEST_F(a_thousand_pending, end_when_it_closes) {
  in.nats.close(note{&ended});
  in.run();
  EXPECT_TRUE(succeeded(ended));
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
  expect_ended(asio::error::operation_aborted);
}

// fault: 80
TEST_F(a_thousand_pending, are_answered_before_it_is_drained) {
  in.nats.drain(note{&ended});
  in.run();
  for (const client_frame& frame : kept) {
    EXPECT_EQ(ended.calls, 0);
    in.server().carry_out(*in.server().newest(), frame);
    in.run();
  }
  EXPECT_TRUE(succeeded(ended));
  expect_ended({});
}

// fault: 80
TEST_F(a_thousand_pending, are_given_up_at_the_deadline_of_drain) {
  in.nats.drain(request_options{.timeout = 2s}, note{&ended});
  in.pass(2s);
  EXPECT_TRUE(failed_with(ended, errc::timeout));
  EXPECT_NE(ended.detail.find("1000 operations"), std::string::npos) << ended.detail;
  expect_ended(asio::error::operation_aborted);
}

TEST_F(a_thousand_pending, end_with_the_client) {
  in.drop_handles();
  in.run();
  expect_ended(asio::error::operation_aborted);
}

TEST_F(closing, refuses_what_comes_later) {
  outcome closed, results[6];
  in.nats.close(note{&closed});
  in.run();
  in.kv.put("k", "v", note{&results[0]});
  in.kv.keys(note{&results[1]});
  in.nats.flush(note{&results[2]});
  in.nats.rtt(note{&results[3]});
  in.nats.bucket_names(note{&results[4]});
  in.updates = in.kv.watch_all();
  in.updates.next(note{&results[5]});
  in.run();
  for (const outcome& each : results) EXPECT_TRUE(failed_with(each, errc::closed));
}

// While the last words are being said the client is closed already.
TEST_F(closing, refuses_pings_while_it_ends) {
  in.world().to_server_lost = true;
  bucket kept = in.kv;
  client other = in.nats;
  outcome closed, ping;
  in.nats.close(request_options{.timeout = 1s}, note{&closed});
  in.pass(1s);
  EXPECT_EQ(closed.calls, 0);
  other.rtt(note{&ping});
  in.pass(1s);
  EXPECT_TRUE(failed_with(ping, errc::closed));
  EXPECT_TRUE(failed_with(closed, errc::timeout));
}

// fault: 15, 80
TEST_F(closing, is_bounded_when_the_peer_does_not_read) {
  in.world().server_reads = false;
  std::vector<outcome> puts(20);
  for (outcome& each : puts) in.kv.put("k", std::string(100'000, 'x'), note{&each});
  outcome closed;
  const core::time_point begin = in.world().now();
  in.nats.close(request_options{.timeout = 2s}, note{&closed});
  ASSERT_TRUE(in.run_until([&] { return closed.calls > 0; }));
  EXPECT_TRUE(failed_with(closed, errc::timeout));
  EXPECT_LE(in.world().now() - begin, 3s);
  in.run();
  for (const outcome& each : puts) EXPECT_EQ(each.code, asio::error::operation_aborted);
  EXPECT_TRUE(in.reactor().stopped());
}

// fault: 80
TEST_F(closing, while_disconnected_and_between_attempts) {
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.pass(2s);
  outcome put, closed;
  in.kv.put("k", "v", note{&put});
  in.nats.close(note{&closed});
  in.run();
  EXPECT_TRUE(succeeded(closed));
  EXPECT_EQ(put.code, asio::error::operation_aborted);
  EXPECT_TRUE(in.reactor().stopped());
}

// fault: 77, 80
TEST_F(closing, while_it_dials) {
  in.world().on_dial = [](const dial&) { return answer::silence; };
  in.world().end_connection(asio::error::eof);
  in.pass(200ms);
  ASSERT_EQ(in.world().dials.size(), 2u);
  outcome closed;
  in.nats.close(note{&closed});
  in.run();
  EXPECT_TRUE(succeeded(closed));
  EXPECT_TRUE(in.reactor().stopped());
}

}  // namespace
}  // namespace kvco::test
