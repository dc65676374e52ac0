// The operations of clients and watchers.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_builder.hpp>

namespace kvco::test {
namespace {

// A watcher's operations: with a token they are plain operations, without one they have a fast way of their own.
template <class Invoke, class Await>
operation_case watch_case(std::string name, std::string expected, Invoke invoke, Await await,
                          std::function<void(lab&)> prepare) {
  operation_case made = make_case(std::move(name), handle::watcher, std::move(expected), invoke);
  made.prepare = std::move(prepare);
  made.spawn = [await](lab& in, asio::cancellation_slot slot, outcome& to) {
    asio::co_spawn(in.executor(), with_watcher(in, await), asio::bind_cancellation_slot(slot, note_end{&to}));
  };
  return made;
}

// The watch begins with the operation: all of its beginning is interfered with.
void begin_with(lab& in, std::string_view filter, watch_options options) {
  in.updates = in.kv.watch(filter, options);
}

std::vector<operation_case> make_watches() {
  const auto next = [](lab& in, auto token) { return in.updates.next(token); };
  const auto initial = [](lab& in, auto token) { return in.updates.next_initial(token); };
  const auto batch = [](lab& in, auto token) { return in.updates.next_batch(token); };
  const auto one = [](lab& in, auto token) { return in.updates.next_batch(1, token); };
  const auto ready = [](lab& in, auto token) { return in.updates.ready(token); };
  const auto await_next = [](watcher& w) { return w.next(); };
  const auto await_initial = [](watcher& w) { return w.next_initial(); };
  const auto await_batch = [](watcher& w) { return w.next_batch(); };
  const auto await_one = [](watcher& w) { return w.next_batch(1, nothrow); };
  const auto await_ready = [](watcher& w) { return w.ready(nothrow); };
  const auto await_nothrow = [](watcher& w) { return w.next(nothrow); };
  const auto begun = [](lab&) {};
  auto all = std::vector<operation_case>{
      watch_case("next", "ok k@1=old", next, await_next, begun),
      watch_case("next_initial", "ok k@1=old", initial, await_initial, begun),
      watch_case("next_batch", "ok [k@1=old ]", batch, await_batch, begun),
      watch_case("next_batch_of_one", "ok [k@1=old ]", one, await_one, begun),
      watch_case("next_nothrow", "ok k@1=old", next, await_nothrow, begun),
      watch_case("watch_ready", "ok", ready, await_ready, begun),
  };
  // The watch itself is made in start(): the first steps of the case are its own.
  for (operation_case& each : all) {
    for (auto* way : {&each.start, &each.spawn}) {
      *way = [then = *way](lab& in, asio::cancellation_slot slot, outcome& to) {
        begin_with(in, ">", {});
        then(in, slot, to);
      };
    }
  }
  all.push_back(watch_case("next_live", "ok k@2=2", next, await_next, begun));
  all.back().prepare = [](lab& in) {
    begin_with(in, ">", {.updates_only = true});
    in.run();
  };
  for (auto* way : {&all.back().start, &all.back().spawn}) {
    *way = [then = *way](lab& in, asio::cancellation_slot slot, outcome& to) {
      then(in, slot, to);
      in.server().put("B", "k", "2");
    };
  }
  return all;
}

std::vector<operation_case> make_bucket_operations() {
  constexpr auto c = handle::client;
  const auto create = [](lab& in, auto token) { return in.nats.create_bucket(bucket_config("N"), token); };
  const auto open = [](lab& in, auto token) { return in.nats.open_bucket("B", token); };
  const auto missing = [](lab& in, auto token) { return in.nats.open_bucket("M", token); };
  const auto ensure = [](lab& in, auto token) { return in.nats.ensure_bucket(bucket_config("N"), token); };
  const auto keep = [](lab& in, auto token) { return in.nats.ensure_bucket(bucket_config("B"), token); };
  const auto change = [](lab& in, auto token) {
    return in.nats.ensure_bucket(bucket_config("B").history(7),
                                 ensure_options{.on_conflict = on_conflict::update}, token);
  };
  const auto drop = [](lab& in, auto token) { return in.nats.delete_bucket("D", token); };
  const auto names = [](lab& in, auto token) { return in.nats.bucket_names(token); };
  const auto update = [](lab& in, auto token) {
    return in.nats.update_bucket(bucket_config("B").history(7), token);
  };
  const auto purge = [](lab& in, auto token) { return in.nats.purge_bucket("B", token); };
  const auto found = [](lab& in, auto token) { return in.nats.key_value("B", token); };
  const auto made = [](lab& in, auto token) {
    return in.nats.key_value(bucket_config("N").history(3), token);
  };
  const auto other_config = [](lab& in, auto token) {
    return in.nats.key_value(bucket_config("B").history(3), token);
  };
  const auto account = [](lab& in, auto token) { return get_account_info(in.nats, token); };
  const auto able = [](lab& in, auto token) { return get_capabilities(in.nats, token); };
  const auto first = [](lab& in, auto token) { return in.listed.next(token); };
  const auto to_list = [](lab& in) { in.listed = list_bucket_names(in.nats); };
  const auto another = [](lab& in) { in.server().create_bucket("D"); };
  // A tool has set another discard policy.
  const auto discarding = [](lab& in) {
    outcome ended;
    in.nats.create_bucket(bucket_config("N"), note{&ended});
    in.run_until([&] { return ended.calls > 0; });
    fake_stream& stream = in.server().streams.at("KV_N");
    std::string config = stream.config();
    config.replace(config.find(R"("discard":"new")"), 15, R"("discard":"old")");
    stream.set_config(config);
  };
  return {
      make_case("create_bucket", c, "ok bucket N", create),
      make_case("create_bucket_repairs", c, "ok bucket N", create, discarding),
      make_case("update_bucket", c, "ok bucket B", update),
      make_case("purge_bucket", c, "ok 1", purge),
      make_case("key_value", c, "ok bucket B", found),
      make_case("key_value_creates", c, "ok bucket N", made),
      make_case("key_value_differs", c, "bucket exists with another configuration", other_config),
      make_case("account_info", c, "ok account of 0 streams", account),
      make_case("capabilities", c, "ok 2.10.27 level 0", able),
      make_case("next_of_listing", c, "ok B", first, to_list),
      make_case("open_bucket", c, "ok bucket B", open),
      make_case("open_missing_bucket", c, "bucket not found", missing),
      make_case("ensure_bucket_creates", c, "ok bucket N", ensure),
      make_case("ensure_bucket_keeps", c, "ok bucket B", keep),
      make_case("ensure_bucket_updates", c, "ok bucket B", change),
      make_case("delete_bucket", c, "ok", drop, another),
      make_case("bucket_names", c, "ok [B D other ]", names, another),
  };
}

std::vector<operation_case> make_client_operations() {
  auto close =
      make_case("close", handle::client, "ok", [](lab& in, auto token) { return in.nats.close(token); });
  close.closes = true;
  // The client that comes out lives as long as the outcome is being noted.
  const auto connect = [](lab& in, auto token) { return detail::initiate(in.prepare_connect(), token); };
  return {
      make_case("flush", handle::client, "ok", [](lab& in, auto token) { return in.nats.flush(token); }),
      make_case("rtt", handle::client, "ok time", [](lab& in, auto token) { return in.nats.rtt(token); }),
      close,
      make_case("connect", handle::none, "ok client", connect),
  };
}

}  // namespace

const std::vector<operation_case>& other_operations() {
  static const std::vector<operation_case> all = [] {
    std::vector<operation_case> made = make_watches();
    for (operation_case& each : make_bucket_operations()) made.push_back(std::move(each));
    for (operation_case& each : make_client_operations()) made.push_back(std::move(each));
    return made;
  }();
  return all;
}

}  // namespace kvco::test
