// client::key_value(): opened or created once, given to all that ask, forgotten with its bucket.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <map>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class key_value : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().script = [this](server_connection& from, const client_frame& frame) {
      ++asked[call_of(frame.subject)];
      return interfere && interfere(from, frame);
    };
  }
  /// "$JS.API.STREAM.INFO.KV_N" -> "INFO"; what is no request about a stream: itself.
  static std::string call_of(std::string_view subject) {
    constexpr std::string_view api = "$JS.API.STREAM.";
    if (!subject.starts_with(api)) return std::string(subject);
    subject.remove_prefix(api.size());
    return std::string(subject.substr(0, subject.find('.')));
  }
  std::size_t requests() const {
    std::size_t sum = 0;
    for (const auto& [call, count] : asked) sum += count;
    return sum;
  }
  std::string end_of(const outcome& of) {
    EXPECT_TRUE(in.run_until([&] { return of.calls > 0; }));
    return of.code ? of.code.message() + ": " + of.detail : of.value;
  }
  std::string find(const bucket_config& config, key_value_options options = {}) {
    outcome ended;
    in.nats.key_value(config, options, note{&ended});
    return end_of(ended);
  }
  /// Keeps back what is sent to this call from now on.
  void hold(std::string call) {
    interfere = [this, call](server_connection& from, const client_frame& frame) {
      if (call_of(frame.subject) != call) return false;
      held.emplace_back(&from, frame);
      return true;
    };
  }
  void let_go() {
    interfere = {};
    for (auto& [from, frame] : std::exchange(held, {})) in.server().carry_out(*from, frame);
  }

  lab in;
  std::map<std::string, std::size_t> asked;
  std::function<bool(server_connection&, const client_frame&)> interfere;
  std::vector<std::pair<server_connection*, client_frame>> held;
};

TEST_F(key_value, of_a_bucket_that_is_there_is_opened_once) {
  EXPECT_EQ(find(bucket_config("B")), "ok bucket B");
  EXPECT_EQ(asked["INFO"], 1u);
  EXPECT_EQ(asked["CREATE"], 0u);
  const std::size_t before = requests();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(find(bucket_config("B")), "ok bucket B");
  EXPECT_EQ(requests(), before) << "the others send nothing";
  EXPECT_EQ(find(bucket_config("other")), "ok bucket other");
  EXPECT_EQ(requests(), before + 1);
}

TEST_F(key_value, of_none_creates_it) {
  EXPECT_EQ(find(bucket_config("N").history(7)), "ok bucket N");
  EXPECT_EQ(asked["CREATE"], 1u);
  EXPECT_NE(in.server().streams.at("KV_N").config().find(R"("max_msgs_per_subject":7)"), std::string::npos);
  const std::size_t before = requests();
  EXPECT_EQ(find(bucket_config("N").history(7)), "ok bucket N");
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N");
  EXPECT_EQ(requests(), before);
}

TEST_F(key_value, without_a_declaration_creates_nothing) {
  EXPECT_EQ(find(bucket_config("N"), {.declare = false}).substr(0, 16), "stream not found");
  EXPECT_FALSE(in.server().streams.contains("KV_N"));
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N") << "the failure is not kept";
  EXPECT_EQ(find(bucket_config("N"), {.declare = false}), "ok bucket N");
}

TEST_F(key_value, of_many_calls_at_once_is_one_search) {
  std::vector<outcome> ended(20);
  for (outcome& each : ended) in.nats.key_value("N", note{&each});
  for (outcome& each : ended) EXPECT_EQ(end_of(each), "ok bucket N");
  EXPECT_EQ(asked["INFO"], 1u);
  EXPECT_EQ(asked["CREATE"], 1u);
  for (const outcome& each : ended) EXPECT_EQ(each.calls, 1);
}

// Copies of one handle: what one has written the others read, whatever a replica shows.
TEST_F(key_value, is_the_same_handle_for_all) {
  bucket first, second;
  in.nats.key_value("B", [&](error_code, bucket b) { first = std::move(b); });
  in.nats.key_value("B", [&](error_code, bucket b) { second = std::move(b); });
  in.run();
  in.server().let_lag("KV_B");
  outcome put, got;
  first.put("k", "new", note{&put});
  EXPECT_EQ(end_of(put), "ok 1");
  second.get("k", note{&got});
  EXPECT_EQ(end_of(got), "ok k@1=new");
}

TEST_F(key_value, goes_on_for_the_others_when_the_first_call_is_cancelled) {
  for (const char* where : {"INFO", "CREATE"}) {
    const std::string name = std::string("N_") + where;
    outcome first, second, third;
    asio::cancellation_signal cancel, cancel_third;
    hold(where);
    in.nats.key_value(name, asio::bind_cancellation_slot(cancel.slot(), note{&first}));
    in.nats.key_value(name, note{&second});
    in.nats.key_value(name, asio::bind_cancellation_slot(cancel_third.slot(), note{&third}));
    ASSERT_TRUE(in.run_until([&] { return !held.empty(); })) << where;
    cancel_third.emit(asio::cancellation_type::total);
    in.run();
    EXPECT_EQ(third.code, asio::error::operation_aborted);
    EXPECT_EQ(first.calls + second.calls, 0);
    cancel.emit(asio::cancellation_type::terminal);
    in.run();
    EXPECT_EQ(first.code, asio::error::operation_aborted) << where;
    EXPECT_EQ(second.calls, 0);
    let_go();
    EXPECT_EQ(end_of(second), "ok bucket " + name);
    EXPECT_EQ(find(bucket_config(name)), "ok bucket " + name);
  }
}

TEST_F(key_value, goes_on_for_the_others_when_the_first_deadline_passes) {
  outcome first, second;
  hold("INFO");
  in.nats.key_value("N", key_value_options{.timeout = 500ms}, note{&first});
  in.nats.key_value("N", key_value_options{.timeout = 60s}, note{&second});
  EXPECT_EQ(end_of(first).substr(0, 19), "the deadline passed");
  EXPECT_EQ(second.calls, 0);
  in.pass(1ms);
  let_go();
  EXPECT_EQ(end_of(second), "ok bucket N");
}

TEST_F(key_value, of_a_call_that_waits_ends_by_its_own_deadline) {
  outcome first, second;
  hold("INFO");
  in.nats.key_value("N", key_value_options{.timeout = 60s}, note{&first});
  in.nats.key_value("N", key_value_options{.timeout = 500ms}, note{&second});
  const core::time_point begin = in.world().now();
  EXPECT_NE(end_of(second).find("another call has not found bucket N yet"), std::string::npos)
      << second.detail;
  EXPECT_EQ(second.code, errc::timeout);
  EXPECT_EQ(in.world().now() - begin, duration(500ms));
  EXPECT_EQ(first.calls, 0);
  let_go();
  EXPECT_EQ(end_of(first), "ok bucket N");
}

TEST_F(key_value, gives_its_failure_to_all_and_keeps_none) {
  in.server().create_bucket("PLAIN").set_config(
      R"({"name":"KV_PLAIN","subjects":["plain"],"max_msgs_per_subject":1})");
  std::vector<outcome> ended(5);
  for (outcome& each : ended) in.nats.key_value("PLAIN", note{&each});
  for (outcome& each : ended) {
    EXPECT_NE(end_of(each).find("has not the subject"), std::string::npos) << each.detail;
    EXPECT_EQ(each.code, errc::not_a_bucket);
  }
  EXPECT_EQ(asked["INFO"], 1u);
  in.server().create_bucket("PLAIN");
  EXPECT_EQ(find(bucket_config("PLAIN")), "ok bucket PLAIN");
}

TEST_F(key_value, gives_no_failure_to_calls_that_ask_for_something_else) {
  outcome opens, creates, replicated, plain;
  interfere = [this](server_connection&, const client_frame& frame) {
    const bool refuses = frame.payload.find(R"("num_replicas":3)") != std::string::npos;
    const std::string json =
        R"({"error":{"code":500,"err_code":10074,"description":"replicas > 1 not supported"}})";
    if (refuses) in.server().deliver(frame.reply, {}, {}, json);
    return refuses;
  };
  in.nats.key_value("N", key_value_options{.declare = false}, note{&opens});
  in.nats.key_value("N", note{&creates});
  in.nats.key_value(bucket_config("O").replicas(3), note{&replicated});
  in.nats.key_value("O", note{&plain});
  end_of(opens);
  EXPECT_EQ(opens.code, errc::bucket_not_found);
  EXPECT_EQ(end_of(creates), "ok bucket N");
  end_of(replicated);
  EXPECT_EQ(replicated.code, errc::server_error) << replicated.value;
  EXPECT_EQ(end_of(plain), "ok bucket O");
}

// Another client is faster, and has a configuration of its own.
TEST_F(key_value, opens_what_is_created_meanwhile) {
  interfere = [&](server_connection&, const client_frame& frame) {
    if (call_of(frame.subject) == "CREATE") in.server().create_bucket("N", 5);
    return false;
  };
  outcome named, configured;
  in.nats.key_value("N", note{&named});
  in.nats.key_value(bucket_config("N").history(5), note{&configured});
  EXPECT_EQ(end_of(named), "ok bucket N");
  EXPECT_EQ(end_of(configured), "ok bucket N");
}

TEST_F(key_value, with_another_configuration_names_what_differs) {
  const std::string text = find(bucket_config("B").history(3).ttl(1s).metadata("team", "kv"));
  EXPECT_NE(text.find("bucket B: history is 64, not 3; ttl is 0 ns, not 1000000000 ns; metadata"),
            std::string::npos)
      << text;
  const std::size_t before = requests();
  outcome again;
  in.nats.key_value(bucket_config("B").history(3), note{&again});
  EXPECT_NE(end_of(again).find("history is 64, not 3"), std::string::npos);
  EXPECT_EQ(again.code, errc::bucket_exists);
  EXPECT_EQ(again.code, client_error::bucket_differs);
  EXPECT_EQ(find(bucket_config("B").history(64)), "ok bucket B") << "the bucket itself was found";
  EXPECT_EQ(requests(), before);
}

// The calls that wait are compared by their own configurations.
TEST_F(key_value, of_calls_at_once_differs_for_one_alone) {
  outcome first, second, third;
  in.nats.key_value(bucket_config("N").history(2), note{&first});
  in.nats.key_value(bucket_config("N").history(3), note{&second});
  in.nats.key_value("N", note{&third});
  EXPECT_EQ(end_of(first), "ok bucket N");
  EXPECT_NE(end_of(second).find("history is 2, not 3"), std::string::npos) << second.detail;
  EXPECT_EQ(end_of(third), "ok bucket N");
}

TEST_F(key_value, is_compared_with_what_this_client_has_changed) {
  EXPECT_EQ(find(bucket_config("B")), "ok bucket B");
  outcome updated;
  in.nats.update_bucket(bucket_config("B").history(7), note{&updated});
  EXPECT_EQ(end_of(updated), "ok bucket B");
  const std::size_t before = requests();
  EXPECT_EQ(find(bucket_config("B").history(7)), "ok bucket B");
  EXPECT_EQ(requests(), before);
}

TEST_F(key_value, is_forgotten_with_its_bucket) {
  EXPECT_EQ(find(bucket_config("N").history(2)), "ok bucket N");
  outcome deleted;
  in.nats.delete_bucket("N", note{&deleted});
  EXPECT_EQ(end_of(deleted), "ok");
  EXPECT_EQ(find(bucket_config("N").history(3)), "ok bucket N");
  EXPECT_EQ(asked["CREATE"], 2u);
}

// Another client has deleted it: an operation on the handle finds out.
TEST_F(key_value, is_forgotten_when_the_stream_turns_out_to_be_gone) {
  bucket b;
  in.nats.key_value("N", [&](error_code, bucket got) { b = std::move(got); });
  in.run();
  in.server().streams.erase("KV_N");
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N") << "nothing is known yet";
  EXPECT_FALSE(in.server().streams.contains("KV_N"));
  outcome put;
  b.put("k", "v", note{&put});
  end_of(put);
  EXPECT_EQ(put.code, errc::bucket_not_found);
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N");
  EXPECT_TRUE(in.server().streams.contains("KV_N"));
}

// Whatever finds it out: a request of a handle, or one about its name.
TEST_F(key_value, is_forgotten_by_each_operation_that_finds_it_gone) {
  using start = std::function<void(const bucket&, note)>;
  constexpr get_options leader{.consistency = consistency::leader};
  const std::map<std::string, start> operations = {
      {"get", [&](const bucket& b, note done) { b.get("k", leader, done); }},
      {"get_many",
       [&](const bucket& b, note done) {
         b.get_many({"k", "l"}, leader, done);
       }},
      {"get_at_or_after", [](const bucket& b, note done) { get_at_or_after(b, "k", 1, done); }},
      {"count_keys", [](const bucket& b, note done) { count_keys(b, ">", done); }},
      {"list_stored_keys", [](const bucket& b, note done) { list_stored_keys(b, ">", done); }},
      {"keys", [](const bucket& b, note done) { b.keys(done); }},
      {"history", [](const bucket& b, note done) { b.history("k", done); }},
      {"status", [](const bucket& b, note done) { b.status(done); }},
      {"purge_deletes", [](const bucket& b, note done) { b.purge_deletes(done); }},
      {"revert_key", [](const bucket& b, note done) { revert_key(b, "k", 1, done); }},
      {"open_bucket", [this](const bucket& b, note done) { in.nats.open_bucket(b.name(), done); }},
      {"update_bucket",
       [this](const bucket& b, note done) {
         in.nats.update_bucket(bucket_config(b.name()).history(3), done);
       }},
      {"purge_bucket", [this](const bucket& b, note done) { in.nats.purge_bucket(b.name(), done); }},
  };
  for (const auto& [name, begin] : operations) {
    SCOPED_TRACE(name);
    bucket b;
    in.nats.key_value(name, [&](error_code, bucket got) { b = std::move(got); });
    in.run();
    in.server().streams.erase("KV_" + name);
    outcome ended;
    begin(b, note{&ended});
    end_of(ended);
    EXPECT_EQ(ended.code, errc::bucket_not_found) << ended.value;
    EXPECT_EQ(find(bucket_config(name)), "ok bucket " + name);
    EXPECT_TRUE(in.server().streams.contains("KV_" + name)) << "it was created again";
  }
}

// The stream goes between two requests of one operation.
TEST_F(key_value, is_forgotten_when_an_update_comes_too_late) {
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N");
  interfere = [this](server_connection&, const client_frame& frame) {
    if (call_of(frame.subject) == "UPDATE") in.server().streams.erase("KV_N");
    return false;
  };
  outcome updated;
  in.nats.update_bucket(bucket_config("N").history(3), note{&updated});
  end_of(updated);
  EXPECT_EQ(updated.code, errc::bucket_not_found) << updated.value;
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N");
  EXPECT_TRUE(in.server().streams.contains("KV_N"));
}

// A handle of the bucket that was there before does not take the new one away.
TEST_F(key_value, of_a_new_bucket_is_kept_when_an_old_handle_fails) {
  bucket old;
  in.nats.key_value("N", [&](error_code, bucket got) { old = std::move(got); });
  in.run();
  in.server().streams.erase("KV_N");
  outcome failed, again;
  in.nats.open_bucket("N", note{&failed});
  end_of(failed);
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N");
  in.server().streams.at("KV_N").set_config(
      R"({"name":"KV_N","subjects":["plain"],"max_msgs_per_subject":1})");
  old.status(note{&again});
  end_of(again);
  EXPECT_EQ(again.code, errc::not_a_bucket) << again.value;
  const std::size_t before = requests();
  EXPECT_EQ(find(bucket_config("N")), "ok bucket N");
  EXPECT_EQ(requests(), before);
}

TEST_F(key_value, found_while_it_is_deleted_is_not_kept) {
  outcome found, deleted;
  in.server().create_bucket("D");
  hold("DELETE");
  in.nats.delete_bucket("D", note{&deleted});
  ASSERT_TRUE(in.run_until([&] { return !held.empty(); }));
  in.nats.key_value("D", note{&found});
  EXPECT_EQ(end_of(found), "ok bucket D");
  let_go();
  EXPECT_EQ(end_of(deleted), "ok");
  EXPECT_EQ(find(bucket_config("D")), "ok bucket D");
  EXPECT_EQ(asked["CREATE"], 1u) << "made again";
}

TEST_F(key_value, outlives_a_lost_connection) {
  EXPECT_EQ(find(bucket_config("B")), "ok bucket B");
  in.world().end_connection(asio::error::eof);
  in.pass(1s);
  const std::size_t before = requests();
  EXPECT_EQ(find(bucket_config("B")), "ok bucket B");
  EXPECT_EQ(requests(), before);
}

TEST_F(key_value, of_a_closed_client_is_closed) {
  EXPECT_EQ(find(bucket_config("B")), "ok bucket B");
  outcome closed, found;
  in.nats.close(note{&closed});
  EXPECT_EQ(end_of(closed), "ok");
  in.nats.key_value("B", note{&found});
  end_of(found);
  EXPECT_EQ(found.code, errc::closed);
}

TEST_F(key_value, checks_names_and_settings_before_anything_is_sent) {
  EXPECT_NE(find(bucket_config("a b")).find("bucket name"), std::string::npos);
  EXPECT_NE(find(bucket_config("N").history(65)).find("history"), std::string::npos);
  EXPECT_EQ(requests(), 0u);
}

}  // namespace
}  // namespace kvco::test
