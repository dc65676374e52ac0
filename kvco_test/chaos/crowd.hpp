// The clients of a run: eight of them, each with a connection, many operations at a time and a watch, as services have
// it. All on one reactor.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <kvco/kvco.hpp>
#include <kvco_test/chaos/shared_keys.hpp>
#include <kvco_test/chaos/site.hpp>
#include <kvco_test/support/judges/history.hpp>
#include <list>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace kvco::chaos {

namespace asio = boost::asio;
using test::history;
using test::moment;

/// Runs on its reactor's thread; begun() and the like may be called from any.
class crowd {
 public:
  crowd(asio::io_context& reactor, site& where, const options& wanted, history& notes);

  /// Connects all clients, makes the bucket and opens the first watches.
  asio::awaitable<void> arrive();
  /// Everybody works until leave().
  void work();
  /// No new operations; returns when those that are open have completed.
  asio::awaitable<void> leave();
  /// Each client puts a last value, and each watch has to see one: waits for that, not longer than this.
  asio::awaitable<void> see_last_values(duration longest);
  asio::awaitable<void> stop_watches();
  asio::awaitable<void> close();
  /// The run has failed: everything ends at once.
  void abandon();

  std::uint64_t completed() const { return completed_; }
  std::size_t open_operations() const { return open_; }
  /// The longest time that the reactor's thread was not there for a timer that was due.
  duration lag() const { return lag_; }
  std::uint64_t reconnects() const { return reconnects_; }
  std::size_t watch_count() const;
  /// So often a watch could not be set up in its time.
  std::size_t watches_that_never_stood() const { return never_stood_; }
  /// The revision that each watch has to see.
  const std::map<const test::watch_record*, revision>& last_values() const { return last_values_; }
  /// What was thrown where nothing should be.
  const std::vector<std::string>& failures() const { return failures_; }
  /// From put() of the last value until its watch had it, the longest of all.
  duration slowest_sight() const { return slowest_sight_; }

 private:
  using work_function = asio::awaitable<void> (crowd::*)(std::size_t client, std::size_t worker);
  struct watching {
    test::watch_record* notes = nullptr;
    watcher updates;
    bool slow = false, done = false, rolling = false, never_stood = false;
  };
  struct service {
    client nats;
    bucket kv;
  };

  asio::awaitable<bucket> make_bucket(client& nats, const bucket_config& wanted);
  void spawn(std::string name, asio::awaitable<void> what);
  asio::awaitable<void> pause(duration time);
  asio::awaitable<void> until(std::function<bool()> condition, duration longest);
  asio::awaitable<void> pace(moment& next);
  asio::awaitable<void> measure_lag();
  std::size_t any(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  bool chance(double p) { return std::uniform_real_distribution<>()(random_) < p; }
  duration any_timeout();

  // Operations: each notes itself.
  test::operation_record& begin(std::size_t client, test::action what, std::string_view key, duration timeout,
                                revision expected = 0);
  void end(test::operation_record& op, error_code code, revision rev);
  void end(test::operation_record& op, error_code code, const std::optional<entry>& found);
  asio::awaitable<test::operation_record*> put(std::size_t client, std::string key);
  asio::awaitable<test::operation_record*> create(std::size_t client, std::string key);
  asio::awaitable<test::operation_record*> update(std::size_t client, std::string key, revision last);
  asio::awaitable<test::operation_record*> erase(std::size_t client, std::string key, revision last);
  asio::awaitable<test::operation_record*> purge(std::size_t client, std::string key);
  asio::awaitable<test::operation_record*> get(std::size_t client, std::string key, consistency who);
  asio::awaitable<void> put_many(std::size_t client, std::vector<std::string> keys);
  asio::awaitable<void> get_many(std::size_t client, std::vector<std::string> keys);

  // What the workers do.
  asio::awaitable<void> put_own_keys(std::size_t client, std::size_t worker);
  asio::awaitable<void> compare_and_set(std::size_t client, std::size_t worker);
  asio::awaitable<void> take_locks(std::size_t client, std::size_t worker);
  asio::awaitable<void> read_and_heat(std::size_t client, std::size_t worker);

  // Watches.
  watching& open_watch(std::size_t client, std::string name, test::watch_record::start where,
                       watch_options how, std::vector<std::string> filters);
  void open_later(revision when, std::size_t owner, std::string name, test::watch_record::start where,
                  watch_options how, std::vector<std::string> filters);
  asio::awaitable<void> follow(watching& one);
  asio::awaitable<void> take(watching& one, bool all_at_once);
  asio::awaitable<void> watch_again_and_again(std::size_t client);
  void note(watching& one, const entry& e);

  asio::io_context& reactor_;
  site& site_;
  const options& options_;
  history& notes_;
  std::mt19937_64 random_;
  std::vector<service> services_;
  std::list<watching> watches_;
  shared_keys cas_{"cas", 15, 40}, locks_{"lock", 5, 40};
  duration period_{};  // of each worker
  std::atomic<std::uint64_t> completed_ = 0;
  std::atomic<std::size_t> open_ = 0;
  std::size_t workers_ = 0, unopened_ = 0, never_stood_ = 0;
  bool stopping_ = false, watches_stopping_ = false, closed_ = false;
  duration lag_{}, slowest_sight_{};
  std::uint64_t reconnects_ = 0;
  revision newest_ = 0;
  std::map<const test::watch_record*, revision> last_values_;
  std::vector<std::string> failures_;
};

}  // namespace kvco::chaos
