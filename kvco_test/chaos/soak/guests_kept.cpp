// What the clients of a soak do with the bucket that all of them may change, and nobody else: noted for the judges.
#include <kvco_test/chaos/soak/guests.hpp>

#include <algorithm>

namespace kvco::chaos::soak {
namespace {

using std::chrono::steady_clock;
using test::action;
using test::operation_record;
using test::result;

constexpr errors conflicts{errc::wrong_last_revision};

result result_of(error_code code) {
  if (!code) return result::ok;
  const bool unknown = code == errc::outcome_unknown || code == asio::error::operation_aborted;
  return unknown ? result::unknown : result::refused;
}

}  // namespace

test::operation_record& guests::note(visit_ptr whose, action what, std::string_view key, duration timeout,
                                     revision expected) {
  operation_record op;
  op.session = whose->session;
  op.what = what;
  op.key = notes_.key(key);
  op.expected = expected;
  op.timeout = timeout;
  if (test::stores_value(what)) op.value = notes_.next_value();
  op.begin = steady_clock::now();
  return notes_.add(std::move(op));
}

void guests::noted(operation_record& op, error_code code, revision rev) {
  op.end = steady_clock::now();
  ++op.completions;
  op.code = code;
  op.how = result_of(code);
  op.rev = rev;
}

void guests::noted(operation_record& op, error_code code, const std::optional<entry>& found) {
  noted(op, code, found ? found->revision() : 0);
  if (found) op.value = test::history::value_of(found->value());
}

void guests::written(std::size_t slot, const std::string& key, error_code code, revision rev) {
  if (result_of(code) != result::refused) keys_.written(slot, key);
  if (key == keys_.name(slot)) newest_of_slot_[slot] = std::max(newest_of_slot_[slot], rev);
}

// Now and then larger than a lowered max_payload.
std::string guests::text_of(std::uint64_t value) {
  return test::history::text_of(value, chance(0.02) ? 20'000 : chance(0.1) ? 1500 : 64);
}

void guests::put(visit_ptr whose) {
  const std::size_t slot = any(keys_.size());
  const std::string key = keys_.name(slot);
  const put_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  operation_record& op = note(whose, action::put, key, how.timeout);
  bucket handle = whose->kept;
  start<revision>(
      begin_write("put", how), whose,
      [&](auto handler) { handle.put(key, text_of(op.value), how, std::move(handler)); },
      [this, &op, slot, key](error_code code, revision rev) {
        noted(op, code, rev);
        written(slot, key, code, rev);
      });
}

void guests::create(visit_ptr whose) {
  const std::size_t slot = any(keys_.size());
  const std::string key = keys_.name(slot);
  const create_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  operation_record& op = note(whose, action::create, key, how.timeout);
  start<revision>(
      begin_write("create", how, {errc::key_exists}), whose,
      [&](auto handler) { whose->kept.create(key, text_of(op.value), how, std::move(handler)); },
      [this, &op, slot, key](error_code code, revision rev) {
        noted(op, code, rev);
        written(slot, key, code, rev);
      });
}

void guests::update(visit_ptr whose) {
  const std::size_t slot = any(keys_.size());
  const std::string key = keys_.name(slot);
  const revision last = newest_of_slot_[slot];
  const update_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  operation_record& op = note(whose, action::update, key, how.timeout, last);
  start<revision>(
      begin_write("update", how, conflicts), whose,
      [&](auto handler) { whose->kept.update(key, text_of(op.value), last, how, std::move(handler)); },
      [this, &op, slot, key](error_code code, revision rev) {
        noted(op, code, rev);
        written(slot, key, code, rev);
      });
}

void guests::erase(visit_ptr whose) {
  const std::size_t slot = any(keys_.size());
  const std::string key = keys_.name(slot);
  erase_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  const revision last = chance(0.5) ? newest_of_slot_[slot] : 0;
  if (last != 0) how.last_revision = last;
  operation_record& op = note(whose, action::erase, key, how.timeout, last);
  start<revision>(
      begin_write("erase", how, last != 0 ? conflicts : errors{}), whose,
      [&](auto handler) { whose->kept.erase(key, how, std::move(handler)); },
      [this, &op, slot, key](error_code code, revision rev) {
        noted(op, code, rev);
        written(slot, key, code, rev);
      });
}

void guests::purge(visit_ptr whose) {
  const std::size_t slot = any(keys_.size());
  const std::string key = keys_.name(slot);
  purge_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  operation_record& op = note(whose, action::purge, key, how.timeout);
  start<revision>(
      begin_write("purge", how), whose,
      [&](auto handler) { whose->kept.purge(key, how, std::move(handler)); },
      [this, &op, slot, key](error_code code, revision rev) {
        noted(op, code, rev);
        written(slot, key, code, rev);
      });
}

void guests::get(visit_ptr whose) {
  const std::size_t slot = any(keys_.size());
  const std::string key = keys_.name(slot);
  get_options how{.timeout = any_timeout()};
  if (chance(0.1)) {  // it promises nothing that could be judged
    how.consistency = consistency::any;
    return start<std::optional<entry>>(log_.begin("get (any)", how.timeout), whose,
                                       [&](auto handler) { whose->kept.get(key, how, std::move(handler)); });
  }
  const bool leader = chance(0.5);
  how.consistency = leader ? consistency::leader : consistency::session;
  operation_record& op = note(whose, leader ? action::leader_get : action::get, key, how.timeout);
  start<std::optional<entry>>(
      log_.begin(leader ? "get (leader)" : "get", how.timeout), whose,
      [&](auto handler) { whose->kept.get(key, how, std::move(handler)); },
      [this, &op, slot, key](error_code code, const std::optional<entry>& found) {
        noted(op, code, found);
        if (found && key == keys_.name(slot)) {
          newest_of_slot_[slot] = std::max(newest_of_slot_[slot], found->revision());
        }
      });
}

void guests::put_many(visit_ptr whose) {
  const put_many_options how{.timeout = any_timeout()};
  std::vector<operation_record*> ops;
  std::vector<std::string> keys, values;
  for (std::size_t slot = any(3); slot < keys_.size(); slot += 1 + any(3)) {
    keys.push_back(keys_.name(slot));
    ops.push_back(&note(whose, action::put, keys.back(), how.timeout));
    values.push_back(text_of(ops.back()->value));
    keys_.written(slot, keys.back());
  }
  std::vector<put_item> items;
  for (std::size_t i = 0; i < keys.size(); ++i) items.push_back({keys[i], values[i]});
  call& whole = log_.begin("put_many", how.timeout);
  start<std::vector<put_outcome>>(
      whole, whose, [&](auto handler) { whose->kept.put_many(items, how, std::move(handler)); },
      [this, ops, &whole, whose](error_code code, const std::vector<put_outcome>& outcomes) {
        for (std::size_t i = 0; i < ops.size(); ++i) {
          noted(*ops[i], code ? code : outcomes.at(i).code(), code ? 0 : outcomes.at(i).revision());
          if (!code)
            log_.add_item("put_many, an item", whole, outcomes.at(i).code(), outcomes.at(i).detail());
        }
      });
}

void guests::get_many(visit_ptr whose) {
  const get_options how{.timeout = any_timeout()};
  std::vector<operation_record*> ops;
  std::vector<std::string> keys;
  for (std::size_t slot = any(3); slot < keys_.size(); slot += 1 + any(3)) {
    keys.push_back(keys_.name(slot));
    ops.push_back(&note(whose, action::get, keys.back(), how.timeout));
  }
  start<std::vector<std::optional<entry>>>(
      log_.begin("get_many", how.timeout), whose,
      [&](auto handler) { whose->kept.get_many(keys, how, std::move(handler)); },
      [this, ops](error_code code, const std::vector<std::optional<entry>>& found) {
        for (std::size_t i = 0; i < ops.size(); ++i) {
          noted(*ops[i], code, code ? std::optional<entry>() : found.at(i));
        }
      });
}

}  // namespace kvco::chaos::soak
