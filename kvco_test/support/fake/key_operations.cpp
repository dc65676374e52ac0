// The operations on keys, and the ways that they may take.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_builder.hpp>
#include <utility>

namespace kvco::test {
namespace {

void give_leader_back(lab& in) {
  // After two refusals somebody serves the bucket again.
  in.server().leaderless.insert("KV_B");
  in.server().script = [&in, left = 2](server_connection&, const client_frame& frame) mutable {
    if (frame.subject.find("$KV.B.k") != std::string::npos && left-- == 0) in.server().leaderless.clear();
    return false;
  };
}

operation_case slow(operation_case made) {
  made.needs_time = true;
  return made;
}

operation_case each(operation_case made) {
  made.tells_each = true;
  return made;
}

std::vector<operation_case> make_writes() {
  constexpr auto b = handle::bucket;
  const auto put = [](lab& in, auto token) { return in.kv.put("k", "new", token); };
  const auto large = [](lab& in, auto token) { return in.kv.put("k", std::string(40'000, 'x'), token); };
  const auto create = [](lab& in, auto token) { return in.kv.create("k", "new", token); };
  const auto fresh = [](lab& in, auto token) { return in.kv.create("fresh", "new", token); };
  const auto update = [](lab& in, auto token) { return in.kv.update("k", "new", 1, token); };
  const auto erase = [](lab& in, auto token) { return in.kv.erase("k", token); };
  const auto purge = [](lab& in, auto token) { return in.kv.purge("k", token); };
  const auto purge_deletes = [](lab& in, auto token) { return in.kv.purge_deletes(token); };
  const auto many = [](lab& in, auto token) {
    return in.kv.put_many({{"k", "new"}, {"a b", ""}, {"k", "newer"}}, token);
  };
  const auto bury = [](lab& in) { in.server().put("B", "k", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n"); };
  const auto others = [](lab& in) {
    for (const char* key : {"x.1", "x.2", "x.3"}) in.server().put("B", key, "v");
  };
  // Somebody else writes a key after it was listed, before it is removed.
  const auto written = [others](lab& in) {
    others(in);
    in.server().script = [&in, done = false](server_connection&, const client_frame& frame) mutable {
      if (frame.subject.starts_with("$KV.B.x.") && !std::exchange(done, true))
        in.server().put("B", "x.2", "new");
      return false;
    };
  };
  const auto history = [](lab& in) {
    in.server().create_bucket("B", 5);
    for (const char* value : {"old", "newer"}) in.server().put("B", "k", value);
  };
  const auto erase_keys_of = [](lab& in, auto token) { return erase_keys(in.kv, "x.*", token); };
  const auto purge_keys_of = [](lab& in, auto token) { return purge_keys(in.kv, "x.*", token); };
  const auto revert = [](lab& in, auto token) { return revert_key(in.kv, "k", 1, token); };
  const auto revert_other = [](lab& in, auto token) { return revert_key(in.kv, "k", 2, token); };
  const auto copy = [](lab& in, auto token) { return copy_key(in.kv, "k", in.kv, "copy", token); };
  const auto copy_over = [](lab& in, auto token) {
    return copy_key(in.kv, "x.1", in.kv, "k", copy_options{.overwrite = false}, token);
  };
  return {
      make_case("erase_keys", b, "ok 3", erase_keys_of, others),
      make_case("purge_keys", b, "ok 3", purge_keys_of, others),
      make_case("erase_keys_written_meanwhile", b, "ok 2", erase_keys_of, written),
      make_case("purge_keys_written_meanwhile", b, "ok 2", purge_keys_of, written),
      make_case("revert_key", b, "ok 3", revert, history),
      make_case("revert_key_to_nothing", b, "ok none", revert_other, others),
      make_case("copy_key", b, "ok 2", copy),
      make_case("copy_key_exists", b, "key exists", copy_over, others),
      make_case("put", b, "ok 2", put),
      make_case("put_large", b, "ok 2", large),
      slow(make_case("put_while_leaderless", b, "ok 2", put, give_leader_back)),
      make_case("create", b, "ok 2", fresh),
      make_case("create_over_tombstone", b, "ok 3", create, bury),
      make_case("create_exists", b, "key exists", create),
      make_case("update", b, "ok 2", update),
      make_case("update_wrong", b, "wrong last revision", update,
                [](lab& in) { in.server().put("B", "k", "2"); }),
      make_case("erase", b, "ok 2", erase),
      make_case("purge", b, "ok 2", purge),
      make_case("purge_deletes", b, "ok 2", purge_deletes, bury),
      each(make_case("put_many", b, "ok [2, invalid key, 3, ]", many)),
      each(slow(
          make_case("put_many_while_leaderless", b, "ok [2, invalid key, 3, ]", many, give_leader_back))),
  };
}

std::vector<operation_case> make_reads() {
  constexpr auto b = handle::bucket;
  const auto get = [](lab& in, auto token) { return in.kv.get("k", token); };
  const auto absent = [](lab& in, auto token) { return in.kv.get("nothing", token); };
  const auto leader = [](lab& in, auto token) {
    return in.kv.get("k", get_options{.consistency = consistency::leader}, token);
  };
  const auto revision = [](lab& in, auto token) { return in.kv.get_revision("k", 1, token); };
  const auto keys = [](lab& in, auto token) { return in.kv.keys(token); };
  const auto history = [](lab& in, auto token) { return in.kv.history("k", token); };
  const auto status = [](lab& in, auto token) { return in.kv.status(token); };
  const auto second = [](lab& in) { in.server().put("B", "k", "2"); };
  const auto many = [](lab& in, auto token) { return in.kv.get_many({"none", "k", "x", "k"}, token); };
  const auto many_from_leader = [](lab& in, auto token) {
    return in.kv.get_many({"none", "k", "k"}, get_options{.consistency = consistency::leader}, token);
  };
  const auto modern = [](lab& in) {
    in.server().version = "2.15.1";
    in.server().put("B", "x", "2");
  };
  const auto old = [](lab& in) { in.server().put("B", "x", "2"); };
  const auto no_leader = [modern](lab& in) {
    modern(in);
    in.server().leaderless.insert("KV_B");
    in.server().script = [&in, left = 2](server_connection&, const client_frame& frame) mutable {
      if (frame.payload.find("multi_last") != std::string::npos && left-- == 0)
        in.server().leaderless.clear();
      return false;
    };
  };
  const auto lagging = [modern](lab& in) {
    modern(in);
    in.server().let_lag("KV_B");
    in.kv.put("k", "new", [](error_code, kvco::revision) {});
    in.run();
  };
  const auto prefix = [](lab& in, auto token) { return in.kv.get_prefix("k", token); };
  const auto tombstone = [](lab& in, auto token) { return in.kv.get_entry("k", token); };
  const auto bury = [](lab& in) { in.server().put("B", "k", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n"); };
  const auto counted = [](lab& in, auto token) { return count_keys(in.kv, ">", token); };
  const auto counted_twice = [](lab& in, auto token) {
    return count_keys(in.kv, {"*", "k.>", "*.x"}, token);
  };
  const auto stored = [](lab& in, auto token) { return list_stored_keys(in.kv, ">", token); };
  const auto after = [](lab& in, auto token) { return get_at_or_after(in.kv, "k", 2, token); };
  const auto as_of = [](lab& in, auto token) {
    return get_as_of(in.kv, "k", std::chrono::system_clock::time_point::max(), token);
  };
  const std::string both = "ok [none k@1=old x@2=2 k@1=old ]";
  return {
      make_case("get_many", b, both, many, modern),
      make_case("get_many_one_by_one", b, both, many, old),
      make_case("get_many_from_leader", b, "ok [none k@1=old k@1=old ]", many_from_leader),
      slow(make_case("get_many_while_leaderless", b, both, many, no_leader)),
      make_case("get_many_own_write", b, "ok [none k@3=new x@2=2 k@3=new ]", many, lagging),
      make_case("get_prefix", b, "ok [k@1=old ] at 2", prefix, modern),
      make_case("get_prefix_by_consumer", b, "ok [k@1=old ] at 2", prefix, old),
      make_case("get_entry", b, "ok k@2 DEL", tombstone, bury),
      make_case("count_keys", b, "ok 2", counted, old),
      make_case("count_keys_of_overlapping", b, "ok 2", counted_twice, old),
      make_case("list_stored_keys", b, "ok [k x ]", stored, old),
      make_case("get_at_or_after", b, "ok k@2=2", after, second),
      make_case("get_as_of", b, "ok k@2=2", as_of, second),
      make_case("get", b, "ok k@1=old", get),
      make_case("get_own_write", b, "ok k@3=new", get, lagging),
      make_case("get_absent", b, "ok none", absent),
      make_case("get_from_leader", b, "ok k@1=old", leader),
      slow(make_case("get_while_leaderless", b, "ok k@1=old", get, give_leader_back)),
      make_case("get_revision", b, "ok k@1=old", revision, second),
      make_case("keys", b, "ok [k ]", keys, second),
      make_case("keys_none", b, "ok []", [](lab& in, auto token) { return in.kv.keys("x.>", token); }),
      make_case("history", b, "ok [k@1=old k@2=2 ]", history, second),
      make_case("status", b, "ok B last 2", status, second),
  };
}

}  // namespace

const std::vector<operation_case>& key_operations() {
  static const std::vector<operation_case> all = [] {
    std::vector<operation_case> made = make_writes();
    for (operation_case& read : make_reads()) made.push_back(std::move(read));
    return made;
  }();
  return all;
}

std::vector<operation_case> all_operations() {
  std::vector<operation_case> all = key_operations();
  all.insert(all.end(), other_operations().begin(), other_operations().end());
  return all;
}

void set_up(lab& in, const operation_case& which) {
  if (which.made_from != handle::none) {
    in.server().create_bucket("B");
    in.server().put("B", "k", "old");
    in.connect_and_open();
  }
  which.prepare(in);
  in.run();
}

}  // namespace kvco::test
