// What becomes of requests, by script: core/request_queue.cpp, core/request_refusals.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco/core/request_queue.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// A request that notes its end.
class asked final : public request {
 public:
  asked(request_queue& queue, const inbox& replies, effect what, std::string subject, std::string value = {})
      : request(queue, what) {
    frame_ = core::frame({{}, subject, replies.prefix(), {}, value});
  }
  ~asked() { withdraw(); }
  using request::submit;
  using request::submit_until_answered;
  using request::withdraw;

  bool ended = false, dropped = false;
  error_code code;
  std::string words;

 private:
  void on_reply(const wire::event&) override { finish(); }
  void run() override {
    ended = true;
    code = code_;
    words = detail_;
  }
  void abandon() noexcept override { dropped = true; }
};

class request_queue_test : public testing::Test, protected request_host {
 protected:
  explicit request_queue_test(bool waits = true, std::size_t write_buffer = 1u << 20)
      : queue(*this, guard, subscriptions, {"_INBOX.A.", 0, write_buffer, waits}) {}
  ~request_queue_test() override { requests.clear(); }

  asked& ask(effect what, std::string subject = "s", std::string value = {}) {
    auto& made = *requests.emplace_back(
        std::make_unique<asked>(queue, queue.inbox(), what, std::move(subject), std::move(value)));
    made.submit_until_answered(time + 10s, time);
    return made;
  }
  void connect() {
    connection = std::make_unique<line>();
    connection->link.start({5s, 30s, 2}, time);
    wire::event info;
    info.kind = wire::event_kind::info;
    info.text = R"({"name":"n","version":"2.10.0","headers":true,"max_payload":1048576})";
    ASSERT_FALSE(connection->link.on_event(info, time));
    connection->link.send_connect("{}", time);
    write();
    pong();
    ASSERT_TRUE(connection->ready());
    queue.on_connected(*connection);
    fence();
    queue.send_waiting();
  }
  /// The server has read all that was written.
  void fence() {
    written();
    for (; pings > 0; --pings) pong();
  }
  void pong() {
    wire::event event;
    event.kind = wire::event_kind::pong;
    ASSERT_FALSE(connection->link.on_event(event, time));
  }
  void lose(std::optional<error_line> by = {}) {
    connection->closed = true;
    queue.on_lost(by ? &*by : nullptr, "the server closed the connection");
    connection->link.stop();
    run();
    connection.reset();
  }
  void refuse(std::string subject) {
    error_line named;
    named.what = error_line::about::publish;
    named.subject = subject;
    queue.on_error_line(named, subject, "Permissions Violation");
    run();
  }
  void answer(const std::string& to) {
    wire::event reply;
    reply.kind = wire::event_kind::msg;
    reply.sid = 1;
    reply.subject = to;
    subscriptions.find(queue.inbox().subject())->on_message(reply);
    run();
  }
  void write() {
    for (const std::string_view piece : connection->out.take()) text += piece;
    connection->out.written();
  }
  std::string written() {
    write();
    for (std::size_t at = 0; (at = text.find("PING\r\n", at)) != std::string::npos; at += 6) ++pings;
    return std::exchange(text, {});
  }
  /// The reply subjects of what was published since.
  std::vector<std::string> published() {
    std::vector<std::string> replies;
    const std::string all = written();
    for (std::size_t at = 0; (at = all.find("_INBOX.A.", at)) != std::string::npos; ++at) {
      if (all[at + 9] != '*') replies.push_back(all.substr(at, all.find(' ', at) - at));
    }
    return replies;
  }
  void pass(duration much) {
    time += much;
    while (timed* due = deadlines.take_due(time)) due->on_deadline(time);
    run();
  }
  void run() {
    while (!done.empty()) {
      ready_task& next = done.front();
      done.pop_front();
      next.run();
    }
  }

  // request_host
  time_point now() const override { return time; }
  void set_deadline(timed& item, time_point at) noexcept override { deadlines.set(item, at); }
  void clear_deadline(timed& item) noexcept override { deadlines.remove(item); }
  void ready(ready_task& what) noexcept override { done.push_back(what); }
  void has_output() noexcept override {}
  void on_full() override { ++full; }
  const std::string& why_disconnected() const noexcept override { return why; }

  time_point time{1h};
  core::deadlines deadlines;
  entrance guard;
  dispatcher subscriptions;
  request_queue queue;
  std::unique_ptr<line> connection;
  boost::intrusive::list<ready_task, boost::intrusive::base_hook<ready_hook>,
                         boost::intrusive::constant_time_size<false>>
      done;
  std::vector<std::unique_ptr<asked>> requests;
  std::string text, why;
  int pings = 0, full = 0;
};

struct request_queue_that_does_not_wait : request_queue_test {
  request_queue_that_does_not_wait() : request_queue_test(false) {}
};
struct request_queue_with_a_small_buffer : request_queue_test {
  request_queue_with_a_small_buffer() : request_queue_test(true, 100) {}
};
struct request_queue_with_a_large_buffer : request_queue_test {
  request_queue_with_a_large_buffer() : request_queue_test(true, 1u << 30) {}
};

TEST_F(request_queue_test, waits_for_a_connection_and_is_sent_then) {
  const asked& first = ask(effect::write, "a");
  const asked& second = ask(effect::read, "b");
  EXPECT_EQ(first.state(), request::stage::waiting);
  EXPECT_EQ(queue.waiting(), 2u);
  connect();
  EXPECT_EQ(first.state(), request::stage::in_flight);
  EXPECT_EQ(second.state(), request::stage::in_flight);
  EXPECT_EQ(queue.pending(), 2u);
}

TEST_F(request_queue_test, an_answer_ends_the_one_it_belongs_to) {
  connect();
  const asked& first = ask(effect::write, "a");
  const asked& second = ask(effect::write, "b");
  const auto replies = published();
  ASSERT_EQ(replies.size(), 2u);
  answer(replies[1]);
  EXPECT_FALSE(first.ended);
  EXPECT_TRUE(second.ended);
  EXPECT_FALSE(second.code);
  answer(replies[1]);
  EXPECT_FALSE(first.ended) << "an answer that comes twice";
}

TEST_F(request_queue_test, without_a_connection_until_its_deadline) {
  why = "connection refused";
  const asked& one = ask(effect::write);
  pass(10s);
  ASSERT_TRUE(one.ended);
  EXPECT_EQ(one.code, errc::timeout);
  EXPECT_THAT(one.words, HasSubstr("not sent"));
  EXPECT_THAT(one.words, HasSubstr("connection refused"));
}

TEST_F(request_queue_test, a_write_without_an_answer_is_an_unknown_outcome) {
  connect();
  const asked& one = ask(effect::write);
  published();
  pass(10s);
  ASSERT_TRUE(one.ended);
  EXPECT_EQ(one.code, errc::outcome_unknown);
}

TEST_F(request_queue_test, a_read_without_an_answer_is_sent_again_once_the_server_has_read_it) {
  connect();
  const asked& one = ask(effect::read);
  EXPECT_THAT(published(), Not(IsEmpty()));
  pass(first_patience);
  EXPECT_THAT(published(), IsEmpty()) << "only a PING";
  fence();
  EXPECT_EQ(published().size(), 1u);
  EXPECT_EQ(one.attempts(), 2u);
  EXPECT_EQ(queue.repeated_reads(), 1u);
  pass(10s);
  EXPECT_EQ(one.code, errc::timeout);
}

TEST_F(request_queue_test, at_the_end_of_a_connection_reads_wait_and_writes_are_unknown) {
  connect();
  const asked& read = ask(effect::read, "r");
  const asked& write = ask(effect::write, "w");
  published();
  const asked& unsent = ask(effect::write, "u");
  lose();
  EXPECT_EQ(read.state(), request::stage::waiting);
  EXPECT_EQ(write.code, errc::outcome_unknown);
  EXPECT_EQ(unsent.state(), request::stage::waiting) << "it was not handed over to the socket";
  connect();
  EXPECT_EQ(queue.pending(), 2u);
  EXPECT_EQ(read.attempts(), 2u);
}

TEST_F(request_queue_test, the_order_is_kept_over_a_lost_connection) {
  connect();
  ask(effect::read, "a");
  ask(effect::read, "b");
  published();
  ask(effect::read, "c");
  lose();
  connection = nullptr;
  ask(effect::read, "d");
  connect();
  for (const auto& each : requests) EXPECT_EQ(each->state(), request::stage::in_flight);
  for (std::size_t i = 1; i < requests.size(); ++i)
    EXPECT_LT(requests[i - 1]->position(), requests[i]->position());
}

TEST_F(request_queue_test, a_step_of_a_connection_ends_with_it) {
  connect();
  const asked& one = ask(effect::step);
  lose();
  ASSERT_TRUE(one.ended);
  EXPECT_EQ(one.code, errc::connection_lost);
}

TEST_F(request_queue_that_does_not_wait, fails_at_once_without_a_connection) {
  const asked& one = ask(effect::read);
  run();
  ASSERT_TRUE(one.ended);
  EXPECT_EQ(one.code, errc::connection_lost);
  connect();
  const asked& other = ask(effect::read);
  published();
  lose();
  EXPECT_EQ(other.code, errc::connection_lost);
}

TEST_F(request_queue_with_a_small_buffer, holds_back_what_the_socket_does_not_take) {
  connect();
  ask(effect::write, "a", std::string(200, 'x'));
  const asked& second = ask(effect::write, "b");
  const asked& third = ask(effect::write, "c");
  EXPECT_EQ(second.state(), request::stage::waiting);
  EXPECT_EQ(third.state(), request::stage::waiting);
  EXPECT_EQ(full, 1) << "reported once";
  published();
  queue.send_waiting();
  EXPECT_EQ(second.state(), request::stage::in_flight);
  EXPECT_EQ(third.state(), request::stage::in_flight);
}

// The socket takes all that is written; only the PONGs tell what the server has read.
TEST_F(request_queue_with_a_large_buffer,
       messages_without_an_answer_wait_until_the_server_has_read_earlier_ones) {
  connect();
  const frame message({{}, "s", {}, {}, {}});
  const auto publish_all = [&] {
    std::size_t sent = 0;
    for (; sent < 1'000'000 && queue.publish(message); ++sent) {
      if (sent % 1000 == 0) write();
    }
    write();
    return sent;
  };
  const std::size_t sent = publish_all();
  ASSERT_LT(sent, 1'000'000u);
  const asked& later = ask(effect::write);
  EXPECT_EQ(later.state(), request::stage::waiting);
  EXPECT_EQ(full, 0) << "the write buffer has room";
  written();
  pong();
  queue.send_waiting();
  EXPECT_EQ(later.state(), request::stage::in_flight);
  EXPECT_TRUE(queue.publish(message));
  fence();
  EXPECT_EQ(publish_all(), sent - 1) << "one was not read by the server before its last PONG";
}

TEST_F(request_queue_with_a_large_buffer, messages_without_an_answer_wait_for_the_socket_before_requests_do) {
  connect();
  const frame message({{}, "s", {}, {}, std::string(1000, 'v')});
  std::size_t sent = 0;
  for (; sent < 100'000 && queue.publish(message); ++sent) {
  }
  EXPECT_GT(sent, 100u);
  EXPECT_LT(sent, 1000u);
  const asked& put = ask(effect::write);
  EXPECT_EQ(put.state(), request::stage::in_flight);
  written();
  EXPECT_TRUE(queue.publish(message));
}

TEST_F(request_queue_test, a_value_that_the_server_does_not_take_is_not_sent) {
  queue.set_max_payload(3);
  connect();
  const asked& one = ask(effect::write, "a", "four");
  run();
  EXPECT_EQ(one.code, errc::value_too_large);
  EXPECT_THAT(published(), IsEmpty());
}

TEST_F(request_queue_test, a_refusal_ends_the_only_write_to_its_subject) {
  connect();
  const asked& other = ask(effect::write, "other");
  const asked& denied = ask(effect::write, "denied");
  published();
  refuse("denied");
  EXPECT_EQ(denied.code, errc::permission_denied);
  EXPECT_FALSE(other.ended);
}

TEST_F(request_queue_test, of_two_writes_to_a_denied_subject_neither_is_known) {
  connect();
  const asked& first = ask(effect::write, "denied");
  const asked& second = ask(effect::write, "denied");
  published();
  refuse("denied");
  EXPECT_EQ(first.code, errc::outcome_unknown);
  EXPECT_EQ(second.code, errc::outcome_unknown);
  EXPECT_THAT(first.words, HasSubstr("Permissions Violation"));
}

TEST_F(request_queue_test, what_ends_two_connections_ends_itself) {
  error_line unknown;
  unknown.what = error_line::about::unknown;
  connect();
  const asked& one = ask(effect::read, "poison");
  published();
  lose(unknown);
  EXPECT_FALSE(one.ended);
  connect();
  published();
  lose(unknown);
  ASSERT_TRUE(one.ended);
  EXPECT_EQ(one.code, client_error::refused_by_server);
}

TEST_F(request_queue_test, a_refused_subscription_for_replies_ends_what_is_in_flight) {
  connect();
  const asked& read = ask(effect::read, "r");
  const asked& write = ask(effect::write, "w");
  published();
  error_line named;
  named.what = error_line::about::subscription;
  named.subject = queue.inbox().subject();
  queue.on_error_line(named, named.subject, "Permissions Violation");
  run();
  EXPECT_EQ(read.code, errc::permission_denied);
  EXPECT_EQ(write.code, errc::outcome_unknown);
  const asked& next = ask(effect::read, "n");
  run();
  EXPECT_EQ(next.code, errc::permission_denied) << "and asks whether that holds still";
  EXPECT_THAT(written(), HasSubstr("SUB _INBOX.A.*"));
  for (; pings > 0; --pings) pong();
  const asked& last = ask(effect::read, "l");
  EXPECT_EQ(last.state(), request::stage::in_flight);
}

TEST_F(request_queue_test, the_end_ends_all) {
  connect();
  const asked& sent = ask(effect::write);
  connection->leaving = true;
  const asked& waiting = ask(effect::read);
  queue.end(client_error::closed);
  run();
  EXPECT_EQ(sent.code, errc::closed);
  EXPECT_EQ(waiting.code, errc::closed);
  const asked& late = ask(effect::read);
  run();
  EXPECT_EQ(late.code, errc::closed);
  EXPECT_EQ(queue.pending(), 0u);
}

TEST_F(request_queue_test, the_end_of_the_reactor_frees_all) {
  const asked& waiting = ask(effect::read);
  connect();
  const asked& sent = ask(effect::write);
  queue.abandon();
  run();
  EXPECT_TRUE(waiting.dropped);
  EXPECT_TRUE(sent.dropped);
  EXPECT_FALSE(waiting.ended || sent.ended);
}

TEST_F(request_queue_test, what_was_withdrawn_gets_no_answer) {
  connect();
  asked& one = ask(effect::write);
  const auto replies = published();
  one.withdraw();
  EXPECT_EQ(queue.pending(), 0u);
  answer(replies.at(0));
  EXPECT_FALSE(one.ended);
  EXPECT_EQ(queue.inbox().strays(), 1u);
}

}  // namespace
}  // namespace kvco::core
