// Whose an -ERR may be, by script: core/written_log.cpp.
#include <gtest/gtest.h>
#include <kvco/core/written_log.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace kvco::core {
namespace {

struct request final : written {
  explicit request(std::string to) : subject(std::move(to)) {}
  std::string_view published_to() const noexcept override { return subject; }
  std::string subject;
};

constexpr std::uint64_t all = UINT64_MAX;

std::vector<written*> pointers(written_log::list&& taken) {
  std::vector<written*> found;
  for (written& each : taken) found.push_back(&each);
  return found;
}
using several = std::vector<written*>;

struct log_script {
  void send(written& what) { log.add(what, position += 10); }
  void note(std::string_view subject, std::uint64_t sid) { log.add_note(subject, sid, position += 10); }
  void ping() { log.fence(position += 10); }
  several take(std::string_view subject) { return pointers(log.take(subject, all)); }

  request a{"a"}, again{"a"}, b{"b"}, c{"c"};
  written_log log;
  std::uint64_t position = 0;
};

TEST(written_log, all_that_wait_and_have_the_subject) {
  log_script s;
  s.send(s.a);
  s.send(s.b);
  s.send(s.again);
  EXPECT_EQ(s.take("x"), several());
  EXPECT_EQ(s.take(""), several());
  EXPECT_EQ(s.take("a"), (several{&s.a, &s.again}));
  EXPECT_EQ(s.take("a"), several());
  s.send(s.c);  // behind what was looked at
  EXPECT_EQ(s.take("c"), several{&s.c});
  EXPECT_EQ(s.take("b"), several{&s.b});
}

TEST(written_log, only_what_was_handed_over) {
  log_script s;
  s.send(s.a);
  s.send(s.again);
  EXPECT_EQ(pointers(s.log.take("a", s.again.position())), several{&s.a});
  EXPECT_EQ(pointers(s.log.take("a", s.again.position())), several());
  EXPECT_EQ(s.take("a"), several{&s.again});
}

TEST(written_log, what_was_answered_or_read_is_nobodys) {
  log_script s;
  s.send(s.a);
  s.send(s.b);
  written_log::remove(s.a);
  EXPECT_EQ(s.take("a"), several());
  s.ping();
  s.send(s.again);
  EXPECT_EQ(s.take("a"), several()) << "it stands behind a PING that was not answered";
  s.log.confirm();
  EXPECT_EQ(s.take("b"), several());
  EXPECT_EQ(s.take("a"), several{&s.again});
  s.log.confirm();  // one too many
  s.send(s.c);
  EXPECT_EQ(s.take("c"), several{&s.c});
}

TEST(written_log, what_is_sent_once_more_stands_at_the_end) {
  log_script s;
  s.send(s.a);
  s.ping();
  s.send(s.a);
  EXPECT_EQ(s.take("a"), several());
  s.log.confirm();
  EXPECT_EQ(s.take("a"), several{&s.a});
}

TEST(written_log, many_messages_to_one_subject_are_one_note_and_taken_one_by_one) {
  log_script s;
  for (int i = 0; i < 3; ++i) s.note("a", 0);
  s.note("b", 0);
  s.note("a", 0);
  EXPECT_EQ(s.log.unread(), 5u);
  EXPECT_EQ(s.log.suspects(s.position + 1).size(), 3u);
  EXPECT_EQ(s.log.undone_from(35), 30u) << "the last of the three";
  EXPECT_EQ(s.log.undone_from(25), 25u) << "the third was not handed over";
  for (int i = 0; i < 4; ++i) EXPECT_EQ(s.take("a").size(), 1u) << i;
  EXPECT_TRUE(s.take("a").empty());
  EXPECT_EQ(s.log.only_suspect(s.position + 1)->published_to(), "b");
  EXPECT_EQ(s.log.unread(), 5u) << "until the next PONG";
  s.ping();
  s.note("a", 0);
  s.log.confirm();
  EXPECT_EQ(s.log.unread(), 1u);
  EXPECT_EQ(s.take("a").size(), 1u);
  s.log.clear();
  EXPECT_EQ(s.log.unread(), 0u);
}

TEST(written_log, notes_are_taken_one_by_one_behind_what_waits) {
  log_script s;
  s.note("a", 7);
  s.send(s.a);
  s.note("a", 8);
  EXPECT_EQ(s.take("a"), several{&s.a});
  for (const std::uint64_t sid : {7u, 8u}) {
    const auto note = s.take("a");
    ASSERT_EQ(note.size(), 1u);
    ASSERT_NE(note.front()->as_note(), nullptr);
    EXPECT_EQ(note.front()->as_note()->sid, sid);
  }
  EXPECT_EQ(s.take("a"), several());
}

TEST(written_log, a_subscription_that_is_not_named) {
  log_script s;
  EXPECT_EQ(s.log.take_subscription(all), 0u);
  s.note("x", 1);
  s.note({}, 2);
  s.ping();
  s.note({}, 3);
  s.ping();
  EXPECT_EQ(s.log.take_subscription(all), 2u);
  EXPECT_EQ(s.log.take_subscription(all), 0u);
  s.log.confirm();
  EXPECT_EQ(s.log.take_subscription(0), 0u) << "not handed over";
  EXPECT_EQ(s.log.take_subscription(all), 3u);
}

TEST(written_log, the_only_one_it_could_be) {
  log_script s;
  EXPECT_EQ(s.log.only_suspect(all), nullptr);
  s.send(s.a);
  EXPECT_EQ(s.log.only_suspect(s.a.position()), nullptr) << "not handed over";
  EXPECT_EQ(s.log.only_suspect(all), &s.a);
  s.send(s.b);
  EXPECT_EQ(s.log.only_suspect(all), nullptr);
  EXPECT_EQ(s.log.only_suspect(s.b.position()), &s.a);
  written_log::remove(s.a);
  EXPECT_EQ(s.log.only_suspect(all), &s.b);
  s.ping();
  s.send(s.c);
  EXPECT_EQ(s.log.only_suspect(all), &s.b);
}

TEST(written_log, what_has_left_without_an_answer_may_be_it) {
  log_script s;
  s.send(s.a);
  s.send(s.b);
  EXPECT_TRUE(s.log.leave(s.a)) << "a PING is wanted";
  EXPECT_EQ(s.log.only_suspect(all), nullptr);
  s.ping();
  s.send(s.c);
  EXPECT_FALSE(s.log.leave(s.b)) << "there is one";
  s.log.confirm();
  EXPECT_EQ(s.log.only_suspect(all), &s.c);
  s.send(s.a);
  s.ping();
  s.log.confirm();
  EXPECT_FALSE(s.log.leave(s.a)) << "the server has read it";
  EXPECT_FALSE(s.log.leave(s.again)) << "it was never written";
}

// Those behind the first have an -ERR of their own to come.
TEST(written_log, of_several_with_one_subject_others_are_not_accused_for_them) {
  log_script s;
  s.send(s.a);
  s.send(s.again);
  s.send(s.b);
  EXPECT_EQ(s.take("a").size(), 2u);
  EXPECT_EQ(s.take("a"), several());
  EXPECT_EQ(s.log.only_suspect(all), nullptr);
}

TEST(written_log, what_was_not_carried_out_when_the_connection_ends) {
  log_script s;
  EXPECT_EQ(s.log.undone_from(100), 100u);
  s.send(s.a);
  s.send(s.b);
  EXPECT_EQ(s.log.suspects(all), (several{&s.a, &s.b}));
  EXPECT_EQ(s.log.suspects(s.b.position()), several{&s.a});
  EXPECT_EQ(s.log.undone_from(all), s.b.position()) << "it is the culprit, or stands behind it";
  EXPECT_EQ(s.log.undone_from(s.b.position()), s.a.position());
  s.ping();
  s.send(s.c);
  EXPECT_EQ(s.log.undone_from(all), s.b.position());
  s.log.leave(s.a);
  EXPECT_EQ(s.log.undone_from(all), s.b.position() + 10)
      << "the PING: what has left may have stood behind the last one";
  s.log.confirm();
  EXPECT_EQ(s.log.suspects(all), several{&s.c});
}

TEST(written_log, a_new_connection_begins_from_nothing) {
  log_script s;
  s.send(s.a);
  s.note("b", 1);
  EXPECT_EQ(s.take("a").size(), 1u);
  s.ping();
  s.send(s.b);
  s.log.clear();
  EXPECT_TRUE(s.log.suspects(all).empty());
  EXPECT_EQ(s.take("b"), several());
  s.send(s.a);
  EXPECT_EQ(s.log.only_suspect(all), &s.a);
}

// A quadratic look-up would take minutes.
TEST(written_log, a_hundred_thousand_of_each_kind_are_found_one_by_one) {
  constexpr int count = 100'000;
  written_log log;
  std::vector<std::unique_ptr<request>> requests;
  for (int i = 0; i < count; ++i) {
    log.add(*requests.emplace_back(std::make_unique<request>("a." + std::to_string(i))), 0);
    log.add_note("b." + std::to_string(i), 1, 0);
  }
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(pointers(log.take("a." + std::to_string(i), all)), several{requests[i].get()});
    ASSERT_EQ(log.take("b." + std::to_string(i), all).empty(), false);
    ASSERT_TRUE(log.take("x", all).empty());
  }
  EXPECT_EQ(log.indexed(), 0u);
}

}  // namespace
}  // namespace kvco::core
