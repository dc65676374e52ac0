// What the clients of a soak do with the bucket that others tear up, with buckets, and with the connection.
#include <kvco_test/chaos/soak/guests.hpp>

#include <algorithm>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;

constexpr errors conflicts{errc::wrong_last_revision};

}  // namespace

const std::vector<guests::operation_kind>& guests::table() {
  static const std::vector<operation_kind> all{
      {20, &guests::put},
      {8, &guests::create},
      {10, &guests::update},
      {5, &guests::erase},
      {2, &guests::purge},
      {20, &guests::get},
      {1, &guests::put_many},
      {1, &guests::get_many},
      {10, &guests::put_torn},
      {4, &guests::create_torn},
      {4, &guests::update_torn},
      {3, &guests::erase_torn},
      {2, &guests::purge_torn},
      {10, &guests::get_torn},
      {2, &guests::get_many_torn},
      {2, &guests::put_many_torn},
      {0.5, &guests::purge_deletes},
      {1, &guests::put_nonsense},
      {4, &guests::get_revision},
      {3, &guests::keys},
      {3, &guests::history_of},
      {3, &guests::status},
      {2, &guests::open},
      {0.5, &guests::create_bucket},
      {0.5, &guests::delete_bucket},
      {0.5, &guests::bucket_names},
      {1, &guests::flush},
      {1, &guests::rtt},
  };
  return all;
}

// Now and then one that is too long for a lowered max_control_line.
std::string guests::torn_key() {
  const std::string name = "t." + std::to_string(any(20));
  return chance(0.02) ? name + "." + std::string(400, 'x') : name;
}

void guests::put_torn(visit_ptr whose) {
  const put_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  bucket handle = whose->torn;  // gone before the operation ends
  start<revision>(begin_write("put (torn)", how), whose,
                  [&](auto handler) { handle.put(torn_key(), text_of(0), how, std::move(handler)); });
}

void guests::create_torn(visit_ptr whose) {
  const create_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  start<revision>(begin_write("create (torn)", how, {errc::key_exists}), whose,
                  [&](auto handler) { whose->torn.create(torn_key(), text_of(0), how, std::move(handler)); });
}

void guests::update_torn(visit_ptr whose) {
  const update_options how{.timeout = any_timeout(), .retry = chance(0.3) ? retry::idempotent : retry::never};
  start<revision>(begin_write("update (torn)", how, conflicts), whose, [&](auto handler) {
    whose->torn.update(torn_key(), text_of(0), any(300), how, std::move(handler));
  });
}

std::optional<revision> guests::any_expected() {
  return chance(0.3) ? std::optional<revision>(1 + any(300)) : std::nullopt;
}

void guests::erase_torn(visit_ptr whose) {
  const erase_options how{.timeout = any_timeout(), .last_revision = any_expected()};
  start<revision>(begin_write("erase (torn)", how, conflicts), whose,
                  [&](auto handler) { whose->torn.erase(torn_key(), how, std::move(handler)); });
}

void guests::purge_torn(visit_ptr whose) {
  const purge_options how{.timeout = any_timeout(), .last_revision = any_expected()};
  start<revision>(begin_write("purge (torn)", how, conflicts), whose,
                  [&](auto handler) { whose->torn.purge(torn_key(), how, std::move(handler)); });
}

void guests::get_torn(visit_ptr whose) {
  constexpr consistency all[] = {consistency::session, consistency::any, consistency::leader};
  const get_options how{.timeout = any_timeout(), .consistency = all[any(std::size(all))]};
  start<std::optional<entry>>(log_.begin("get (torn)", how.timeout), whose,
                              [&](auto handler) { whose->torn.get(torn_key(), how, std::move(handler)); });
}

void guests::get_many_torn(visit_ptr whose) {
  const get_options how{.timeout = any_timeout()};
  std::vector<std::string> keys(any(40));
  for (std::string& key : keys) key = torn_key();
  start<std::vector<std::optional<entry>>>(
      log_.begin("get_many (torn)", how.timeout), whose,
      [&](auto handler) { whose->torn.get_many(keys, how, std::move(handler)); });
}

void guests::put_many_torn(visit_ptr whose) {
  const put_many_options how{.timeout = any_timeout()};
  std::vector<std::string> keys(any(40));
  for (std::string& key : keys) key = torn_key();
  std::vector<put_item> items;
  for (const std::string& key : keys) items.push_back({key, "value"});
  call& whole = log_.begin("put_many (torn)", how.timeout);
  start<std::vector<put_outcome>>(
      whole, whose, [&](auto handler) { whose->torn.put_many(items, how, std::move(handler)); },
      [this, &whole, whose](error_code, const std::vector<put_outcome>& outcomes) {
        for (const put_outcome& one : outcomes) {
          log_.add_item("put_many (torn), an item", whole, one.code(), one.detail());
        }
      });
}

void guests::purge_deletes(visit_ptr whose) {
  const purge_deletes_options how{.timeout = any_timeout(), .older_than = chance(0.5) ? 0s : 1s};
  start<std::uint64_t>(log_.begin("purge_deletes (torn)", how.timeout), whose,
                       [&](auto handler) { whose->torn.purge_deletes(how, std::move(handler)); });
}

// It must be refused, and nothing else.
void guests::put_nonsense(visit_ptr whose) {
  start<revision>(
      log_.begin("put (no key)", 1s, {errc::invalid_key}), whose,
      [&](auto handler) { whose->torn.put("a key", "value", {.timeout = 1s}, std::move(handler)); },
      [this](error_code code, revision) {
        if (!code) failures_.push_back("a key with a blank was accepted");
      });
}

void guests::get_revision(visit_ptr whose) {
  const get_options how{.timeout = any_timeout()};
  const bool of_kept = chance(0.5);
  const std::string key = of_kept ? keys_.name(any(keys_.size())) : torn_key();
  start<std::optional<entry>>(log_.begin("get_revision", how.timeout), whose, [&](auto handler) {
    (of_kept ? whose->kept : whose->torn).get_revision(key, 1 + any(500), how, std::move(handler));
  });
}

void guests::keys(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<std::vector<std::string>>(log_.begin("keys", how.timeout), whose, [&](auto handler) {
    either(*whose).keys(chance(0.5) ? ">" : "t.*", how, std::move(handler));
  });
}

void guests::history_of(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  const bool of_kept = chance(0.5);
  const std::string key = of_kept ? keys_.name(any(keys_.size())) : torn_key();
  start<std::vector<entry>>(log_.begin("history", how.timeout), whose, [&](auto handler) {
    (of_kept ? whose->kept : whose->torn).history(key, how, std::move(handler));
  });
}

void guests::status(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<bucket_status>(log_.begin("status", how.timeout), whose,
                       [&](auto handler) { either(*whose).status(how, std::move(handler)); });
}

// A new handle is a new session: it knows nothing of what the one before has read.
void guests::open(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<bucket>(
      log_.begin("open_bucket", how.timeout), whose,
      [&](auto handler) { whose->nats.open_bucket(kept, how, std::move(handler)); },
      [this, whose](error_code code, bucket made) {
        if (code || whose->over) return;
        whose->kept = std::move(made);
        whose->has_kept = true;
        whose->session = ++sessions_;
      });
  const auto opened = [whose](error_code code, bucket made) {
    if (code || whose->over) return;
    whose->torn = std::move(made);
    whose->has_torn = true;
  };
  if (chance(0.5)) {
    return start<bucket>(
        log_.begin("open_bucket", how.timeout), whose,
        [&](auto handler) { whose->nats.open_bucket(torn, how, std::move(handler)); }, opened);
  }
  // What is there is kept as it is; where somebody has just deleted it, it is created.
  const ensure_options ensured{.timeout = how.timeout};
  start<bucket>(
      log_.begin("ensure_bucket", how.timeout), whose,
      [&](auto handler) {
        whose->nats.ensure_bucket(bucket_config(torn).history(torn_history), ensured, std::move(handler));
      },
      opened);
}

void guests::create_bucket(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<bucket>(log_.begin("create_bucket", how.timeout), whose, [&](auto handler) {
    whose->nats.create_bucket(bucket_config("SPARE" + std::to_string(++spare_)), how, std::move(handler));
  });
}

void guests::delete_bucket(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<>(log_.begin("delete_bucket", how.timeout, {errc::bucket_not_found}), whose, [&](auto handler) {
    whose->nats.delete_bucket("SPARE" + std::to_string(any(spare_ + 1)), how, std::move(handler));
  });
}

void guests::bucket_names(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<std::vector<std::string>>(log_.begin("bucket_names", how.timeout), whose,
                                  [&](auto handler) { whose->nats.bucket_names(how, std::move(handler)); });
}

void guests::flush(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<>(log_.begin("flush", how.timeout), whose,
          [&](auto handler) { whose->nats.flush(how, std::move(handler)); });
}

void guests::rtt(visit_ptr whose) {
  const request_options how{.timeout = any_timeout()};
  start<duration>(log_.begin("rtt", how.timeout), whose,
                  [&](auto handler) { whose->nats.rtt(how, std::move(handler)); });
}

}  // namespace kvco::chaos::soak
