// The session of twenty operations.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/twenty_operations.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace kvco::test {

twenty_operations::twenty_operations(config settings) : in(std::move(settings)) {
  in.server().create_bucket("B");
}

revision twenty_operations::last_of(std::string_view key) {
  const stored* last = in.server().streams.at("KV_B").last_of("$KV.B." + std::string(key));
  return last ? last->seq : 0;
}

std::string twenty_operations::stored_text(std::string_view key) {
  const stored* last = in.server().streams.at("KV_B").last_of("$KV.B." + std::string(key));
  if (last == nullptr || !header_value(last->header, "KV-Operation").empty()) return "ok none";
  return "ok " + std::string(key) + '@' + std::to_string(last->seq) + '=' + last->payload;
}

template <class Start>
asio::awaitable<void> twenty_operations::write(std::string name, Start start) {
  in.server().label = static_cast<int>(results.size());
  step_result result;
  result.write = true;
  result.name = std::move(name);
  auto done = co_await start();
  result.calls = 1;
  result.code = std::get<0>(done);
  if (!result.code) result.value = describe(std::get<1>(done));
  results.push_back(std::move(result));
}

template <class Start, class Expect>
asio::awaitable<void> twenty_operations::read(std::string name, Start start, Expect expect) {
  in.server().label = static_cast<int>(results.size());
  outcome out;
  auto done = co_await start();
  std::apply([&](error_code code, auto&&... values) { note{&out}(code, values...); }, done);
  step_result result;
  result.name = std::move(name);
  result.calls = out.calls;
  result.code = out.code;
  result.value = out.value;
  result.expected = expect();
  results.push_back(std::move(result));
}

asio::awaitable<void> twenty_operations::operate() {
  bucket& kv = in.kv;
  const auto put_a = [&] { return kv.put("a", "v0", nothrow); };
  const auto put_b = [&] { return kv.put("a.b", "v1\r\nPUB x 0\r\n\r\n", nothrow); };
  const auto create_c = [&] { return kv.create("c", "v2", nothrow); };
  const auto create_a = [&] { return kv.create("a", "v3", nothrow); };
  const auto get_a = [&] { return kv.get("a", nothrow); };
  const auto get_none = [&] { return kv.get("none", nothrow); };
  const auto update_a = [&] { return kv.update("a", "v6", first_a_, nothrow); };
  const auto update_wrong = [&] { return kv.update("a", "v7", 999, nothrow); };
  const auto erase_a = [&] { return kv.erase("a", nothrow); };
  const auto create_again = [&] { return kv.create("a", "v9", nothrow); };
  const auto get_leader = [&] {
    return kv.get("a", get_options{.consistency = consistency::leader}, nothrow);
  };
  const auto get_revision = [&] {
    return kv.get_revision("a.b", std::max<revision>(last_of("a.b"), 1), nothrow);
  };
  const auto purge_c = [&] { return kv.purge("c", nothrow); };
  const auto list = [&] { return kv.keys(nothrow); };
  const auto history = [&] { return kv.history("a.b", nothrow); };
  const auto status = [&] { return kv.status(nothrow); };
  const auto flush = [&] { return in.nats.flush(nothrow); };
  const auto put_empty = [&] { return kv.put("d", "", nothrow); };
  const auto get_d = [&] { return kv.get("d", nothrow); };
  const auto put_last = [&] { return kv.put("e", "v19", nothrow); };

  const auto text_of = [this](const char* key) { return [this, key] { return stored_text(key); }; };
  const auto keys = [this] {
    std::vector<std::string> names;
    for (const char* key : {"a", "a.b", "c", "d", "e"}) {
      if (stored_text(key) != "ok none") names.emplace_back(key);
    }
    return "ok " + describe(names);
  };
  const auto only_b = [this] {
    const std::string text = stored_text("a.b");
    return text == "ok none" ? std::string("ok []") : "ok [" + text.substr(3) + " ]";
  };
  const auto last = [this] {
    return "ok B last " + std::to_string(in.server().streams.at("KV_B").last_sequence());
  };
  const auto nothing = [] { return std::string("ok"); };
  const auto of_a = text_of("a"), of_b = text_of("a.b"), of_none = text_of("none"), of_d = text_of("d");

  co_await write("put a", put_a);
  first_a_ = std::max<revision>(last_of("a"), 1);
  co_await write("put a.b", put_b);
  co_await write("create c", create_c);
  co_await write("create a", create_a);
  co_await read("get a", get_a, of_a);
  co_await read("get none", get_none, of_none);
  co_await write("update a", update_a);
  co_await write("update a, wrong", update_wrong);
  co_await write("erase a", erase_a);
  co_await write("create a again", create_again);
  co_await read("get a from the leader", get_leader, of_a);
  co_await read("get revision of a.b", get_revision, of_b);
  co_await write("purge c", purge_c);
  co_await read("keys", list, keys);
  co_await read("history of a.b", history, only_b);
  co_await read("status", status, last);
  co_await read("flush", flush, nothing);
  co_await write("put d, empty", put_empty);
  co_await read("get d", get_d, of_d);
  co_await write("put e", put_last);
  done_ = true;
}

asio::awaitable<void> twenty_operations::watch() {
  // Interrupted by cuts, it still has to see each revision once.
  watcher updates = in.kv.watch_all();
  while (true) {
    auto next = co_await updates.next(nothrow);
    auto& [code, value] = next;
    watch_end = code;
    if (code || !value) co_return;
    watched.push_back(std::move(*value));
  }
}

void twenty_operations::run() {
  outcome opened;
  const auto open = [&] {
    opened = {};
    detail::initiate(in.prepare_connect(), [&](error_code code, client made) {
      note{&opened}(code);
      in.nats = std::move(made);
    });
    return in.run_until([&] { return opened.calls > 0; }) && !opened.code;
  };
  // The first connection may be what is interfered with: connect() tells so, and the user tries again.
  if (!open() && !open()) return;
  opened = {};
  in.nats.open_bucket("B", [&](error_code code, bucket made) {
    note{&opened}(code);
    in.kv = std::move(made);
  });
  ASSERT_TRUE(in.run_until([&] { return opened.calls > 0; }));
  ASSERT_TRUE(succeeded(opened));
  connected = true;
  asio::co_spawn(in.executor(), watch(), asio::detached);
  asio::co_spawn(in.executor(), operate(), asio::detached);
  EXPECT_TRUE(in.run_until([&] { return done_; })) << "hangs after step " << results.size();
  EXPECT_TRUE(in.run_until([&] { return watched.size() >= in.server().applied.size(); }))
      << "the watch misses entries";
}

void twenty_operations::judge() {
  ASSERT_TRUE(connected);
  ASSERT_EQ(results.size(), 20u);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const step_result& result = results[i];
    EXPECT_EQ(result.calls, 1);
    if (result.write) {
      judge_write(static_cast<int>(i), result);
    } else if (result.name == "flush" && result.code) {
      EXPECT_EQ(result.code, errc::connection_lost);
    } else {
      EXPECT_FALSE(result.code) << result.name << ": " << result.code.message();
      EXPECT_EQ(result.value, result.expected) << result.name;
    }
  }
  judge_watch();
  in.expect_well_formed();
}

void twenty_operations::judge_write(int label, const step_result& result) {
  const auto& log = in.server().applied;
  const auto is_mine = [&](const applied_write& w) { return w.label == label; };
  const auto times = std::count_if(log.begin(), log.end(), is_mine);
  EXPECT_LE(times, 1) << result.name << " was stored twice";
  if (!result.code) {
    ASSERT_EQ(times, 1) << result.name << " says revision " << result.value << " and is not there";
    EXPECT_EQ(std::to_string(std::find_if(log.begin(), log.end(), is_mine)->sequence), result.value)
        << result.name;
  } else if (result.code != errc::outcome_unknown) {
    EXPECT_EQ(times, 0) << result.name << " says " << result.code.message() << " and was stored";
    EXPECT_TRUE(result.code == errc::key_exists || result.code == errc::wrong_last_revision)
        << result.name << ": " << result.code.message();
  }
}

void twenty_operations::judge_watch() {
  // The bucket keeps all revisions but those that the purge rolled up, and nobody writes but the session.
  const auto& log = in.server().applied;
  EXPECT_FALSE(watch_end) << watch_end.message();
  revision last = 0;
  for (const entry& e : watched) {
    EXPECT_GT(e.revision(), last) << "the watch gives a revision twice or out of order";
    last = e.revision();
  }
  for (const applied_write& w : log) {
    const bool is_there = std::any_of(watched.begin(), watched.end(),
                                      [&](const entry& e) { return e.revision() == w.sequence; });
    const bool is_kept = in.server().streams.at("KV_B").at(w.sequence) != nullptr;
    // What the purge removed while the watch was away cannot come any more.
    EXPECT_TRUE(is_there || !is_kept) << "the watch has lost revision " << w.sequence;
  }
}

void twenty_operations::finish() {
  in.world().clear_faults();
  EXPECT_TRUE(in.run_until([&] { return in.nats.is_connected(); })) << "the client does not come back";
  in.run();
  in.expect_working(1);
  outcome closed;
  in.nats.close(note{&closed});
  EXPECT_TRUE(in.run_until([&] { return closed.calls > 0; }));
  EXPECT_TRUE(succeeded(closed));
  in.run();
  EXPECT_TRUE(in.reactor().stopped()) << "something is left on the reactor";
  EXPECT_EQ(watch_end, asio::error::operation_aborted);
}

std::string twenty_operations::text() const {
  std::string all;
  for (const step_result& r : results) {
    all += r.name + ": " + (r.code ? r.code.message() : r.value) + '\n';
  }
  return all + "watched: " + describe(watched);
}

}  // namespace kvco::test
