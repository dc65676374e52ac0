// What the clients of a run do with keys, and how each operation is noted.
#include <kvco_test/chaos/crowd.hpp>

#include <boost/asio/error.hpp>

namespace kvco::chaos {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::action;
using test::operation_record;
using test::result;

constexpr std::size_t value_size = 64;
constexpr std::size_t own_keys = 16, writes_per_key = 30;
constexpr std::size_t hot_keys = 3;

result result_of(error_code code) {
  if (!code) return result::ok;
  const bool unknown = code == errc::outcome_unknown || code == asio::error::operation_aborted;
  return unknown ? result::unknown : result::refused;
}

}  // namespace

// Most wait through an election; some do not, so that many outcomes stay unknown.
duration crowd::any_timeout() {
  if (chance(0.1)) return 500ms;
  return chance(0.2) ? 2s : 10s;
}

// --- operations -----------------------------------------------------------------------------------

operation_record& crowd::begin(std::size_t client, action what, std::string_view key, duration timeout,
                               revision expected) {
  operation_record op;
  op.session = static_cast<std::uint32_t>(client);
  op.what = what;
  op.key = notes_.key(key);
  op.expected = expected;
  op.timeout = timeout;
  if (test::stores_value(what)) op.value = notes_.next_value();
  op.begin = steady_clock::now();
  ++open_;
  return notes_.add(std::move(op));
}

void crowd::end(operation_record& op, error_code code, revision rev) {
  op.end = steady_clock::now();
  ++op.completions;
  op.code = code;
  op.how = result_of(code);
  op.rev = rev;
  newest_ = std::max(newest_, rev);
  --open_;
  ++completed_;
}

void crowd::end(operation_record& op, error_code code, const std::optional<entry>& found) {
  end(op, code, found ? found->revision() : 0);
  if (found) op.value = history::value_of(found->value());
}

asio::awaitable<operation_record*> crowd::put(std::size_t client, std::string key) {
  put_options how;
  how.timeout = any_timeout();
  operation_record& op = begin(client, action::put, key, how.timeout);
  const std::string value = history::text_of(op.value, value_size);
  auto [code, rev] = co_await services_[client].kv.put(key, value, how, nothrow);
  end(op, code, rev);
  co_return &op;
}

asio::awaitable<operation_record*> crowd::create(std::size_t client, std::string key) {
  create_options how;
  how.timeout = any_timeout();
  operation_record& op = begin(client, action::create, key, how.timeout);
  const std::string value = history::text_of(op.value, value_size);
  auto [code, rev] = co_await services_[client].kv.create(key, value, how, nothrow);
  end(op, code, rev);
  co_return &op;
}

asio::awaitable<operation_record*> crowd::update(std::size_t client, std::string key, revision last) {
  update_options how;
  how.timeout = any_timeout();
  operation_record& op = begin(client, action::update, key, how.timeout, last);
  const std::string value = history::text_of(op.value, value_size);
  auto [code, rev] = co_await services_[client].kv.update(key, value, last, how, nothrow);
  end(op, code, rev);
  co_return &op;
}

asio::awaitable<operation_record*> crowd::erase(std::size_t client, std::string key, revision last) {
  erase_options how;
  how.timeout = any_timeout();
  if (last != 0) how.last_revision = last;
  operation_record& op = begin(client, action::erase, key, how.timeout, last);
  auto [code, rev] = co_await services_[client].kv.erase(key, how, nothrow);
  end(op, code, rev);
  co_return &op;
}

asio::awaitable<operation_record*> crowd::purge(std::size_t client, std::string key) {
  purge_options how;
  how.timeout = any_timeout();
  operation_record& op = begin(client, action::purge, key, how.timeout);
  auto [code, rev] = co_await services_[client].kv.purge(key, how, nothrow);
  end(op, code, rev);
  co_return &op;
}

asio::awaitable<operation_record*> crowd::get(std::size_t client, std::string key, consistency who) {
  get_options how;
  how.timeout = any_timeout();
  how.consistency = who;
  operation_record& op =
      begin(client, who == consistency::leader ? action::leader_get : action::get, key, how.timeout);
  auto [code, found] = co_await services_[client].kv.get(key, how, nothrow);
  end(op, code, found);
  co_return &op;
}

asio::awaitable<void> crowd::put_many(std::size_t client, std::vector<std::string> keys) {
  put_many_options how;
  how.timeout = 10s;
  std::vector<operation_record*> ops;
  std::vector<std::string> values;
  for (const std::string& key : keys) {
    ops.push_back(&begin(client, action::put, key, how.timeout));
    values.push_back(history::text_of(ops.back()->value, value_size));
  }
  std::vector<put_item> items;
  for (std::size_t i = 0; i < keys.size(); ++i) items.push_back({keys[i], values[i]});
  auto [code, outcomes] = co_await services_[client].kv.put_many(items, how, nothrow);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    end(*ops[i], code ? code : outcomes.at(i).code(), code ? 0 : outcomes.at(i).revision());
  }
}

asio::awaitable<void> crowd::get_many(std::size_t client, std::vector<std::string> keys) {
  get_options how;
  how.timeout = 10s;
  std::vector<operation_record*> ops;
  for (const std::string& key : keys) ops.push_back(&begin(client, action::get, key, how.timeout));
  auto [code, found] = co_await services_[client].kv.get_many(keys, how, nothrow);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (code) {
      end(*ops[i], code, 0);
    } else {
      end(*ops[i], code, found.at(i));
    }
  }
}

// --- work -----------------------------------------------------------------------------------------

// Many keys of its own, each written less often than the history is long.
asio::awaitable<void> crowd::put_own_keys(std::size_t client, std::size_t worker) {
  const std::string prefix = "put." + std::to_string(client) + "." + std::to_string(worker) + ".";
  moment next{};
  for (std::size_t count = 0; !stopping_; ++count) {
    co_await pace(next);
    const std::size_t generation = count / (own_keys * writes_per_key);
    const auto key = [&](std::size_t i) { return prefix + std::to_string(generation * own_keys + i); };
    if (chance(0.02)) {
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < own_keys; ++i) keys.push_back(key(i));
      co_await put_many(client, std::move(keys));
      count += own_keys;
    } else if (chance(0.02)) {
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < own_keys; ++i) keys.push_back(key(i));
      co_await get_many(client, std::move(keys));
    } else if (chance(0.03)) {
      co_await erase(client, key(any(own_keys)), 0);
    } else if (chance(0.25)) {
      co_await get(client, key(any(own_keys)), chance(0.3) ? consistency::leader : consistency::session);
    } else {
      co_await put(client, key(count % own_keys));
    }
  }
}

// All clients on the same few keys.
asio::awaitable<void> crowd::compare_and_set(std::size_t client, std::size_t) {
  moment next{};
  while (!stopping_) {
    co_await pace(next);
    const std::size_t slot = any(cas_.size());
    const std::string key = cas_.name(slot);
    const operation_record* seen = co_await get(client, key, consistency::leader);
    if (seen->how != result::ok || stopping_) continue;
    const revision last = seen->rev;
    co_await pace(next);
    const operation_record* written = nullptr;
    if (last == 0) {
      written = co_await create(client, key);
    } else if (chance(0.1)) {
      written = co_await erase(client, key, last);
    } else if (chance(0.05)) {
      written = co_await update(client, key, last - 1);  // it must be refused
    } else {
      written = co_await update(client, key, last);
    }
    if (written->how != result::refused) cas_.written(slot, key);
  }
}

// Whoever creates the key has the lock, and deletes it in the end.
asio::awaitable<void> crowd::take_locks(std::size_t client, std::size_t) {
  moment next{};
  while (!stopping_) {
    co_await pace(next);
    const std::size_t slot = any(locks_.size());
    const std::string key = locks_.name(slot);
    const operation_record* taken = co_await create(client, key);
    if (taken->how != result::refused) locks_.written(slot, key);
    if (taken->how == result::refused && chance(0.9)) continue;  // else somebody who breaks it
    if (stopping_) break;
    co_await pace(next);
    const operation_record* freed = nullptr;
    if (!options_.leaves_out("purge") && chance(0.5)) {
      freed = co_await purge(client, key);
    } else {
      freed = co_await erase(client, key, 0);
    }
    if (freed->how != result::refused) locks_.written(slot, key);
  }
}

// Reads of what others write, and some keys that are written so often that their history is pushed out.
asio::awaitable<void> crowd::read_and_heat(std::size_t client, std::size_t) {
  moment next{};
  while (!stopping_) {
    co_await pace(next);
    const std::string hot = "hot." + std::to_string(any(hot_keys));
    if (chance(0.3)) {
      co_await put(client, hot);
    } else if (chance(0.2)) {
      co_await get(client, hot, consistency::session);
    } else {
      const std::string key = chance(0.5) ? cas_.name(any(cas_.size())) : locks_.name(any(locks_.size()));
      co_await get(client, key, chance(0.5) ? consistency::leader : consistency::session);
    }
  }
}

}  // namespace kvco::chaos
