// The clients of a soak: they come, do anything that the library can do at random, and go in any way.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <kvco/kvco.hpp>
#include <kvco_test/chaos/shared_keys.hpp>
#include <kvco_test/chaos/soak/calls.hpp>
#include <kvco_test/chaos/soak/place.hpp>
#include <kvco_test/support/judges/history.hpp>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace kvco::chaos::soak {

namespace asio = boost::asio;

/// What a handler of ours throws on purpose: it leaves io_context::run().
struct thrown_on_purpose : std::exception {};

/// Runs on its reactor's thread.
class guests {
 public:
  static constexpr std::size_t count = 6;

  guests(asio::io_context& reactor, std::string url, std::uint64_t seed, call_log& log, test::history& notes);

  /// They come and go until leave().
  void arrive();
  /// No new calls but one: a last value is put, and each watch of all that is there has to see it.
  asio::awaitable<void> see_last_value(duration longest);
  /// All watches and clients end, and what is open is waited for, as long as deadlines are and this.
  asio::awaitable<void> leave(duration margin);

  /// The longest time that the reactor's thread needed for what was due.
  duration lag() const { return lag_; }
  /// When they were too late to see answers in time.
  const std::vector<trouble>& late() const { return late_; }
  /// What should not be, in words.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  /// A client's life: from connect() until it is ended in one way or another.
  struct visit {
    client nats;
    bucket kept, torn;
    std::uint32_t session = 0;  // of kept: a handle of its own remembers what it has read
    std::size_t in_flight = 0;
    bool has_kept = false, has_torn = false, over = false;
  };
  using visit_ptr = std::shared_ptr<visit>;
  struct watching {
    visit_ptr whose;
    test::watch_record* notes = nullptr;  // of one on kept
    watcher updates;
    call* waits = nullptr;
    moment last_end{};
    revision last = 0;
    errors own;  // it may end with these in any weather
    bool is_over = false, by_batches = false, slow = false;
  };
  using watching_ptr = std::shared_ptr<watching>;
  struct operation_kind {
    double weight;
    void (guests::*begin)(visit_ptr);
  };
  static const std::vector<operation_kind>& table();

  // How they live.
  void spawn(std::string name, asio::awaitable<void> what);
  asio::awaitable<void> pause(duration time);
  asio::awaitable<void> until(std::function<bool()> condition, duration longest);
  asio::awaitable<void> measure_lag();
  asio::awaitable<void> live();
  asio::awaitable<void> connect_to(visit_ptr whose);
  asio::awaitable<void> work(visit_ptr whose);
  asio::awaitable<void> cancel_later(call& which, std::shared_ptr<asio::cancellation_signal> signal);
  void depart(visit_ptr whose);

  std::size_t any(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }
  bool chance(double p) { return std::uniform_real_distribution<>()(random_) < p; }
  duration any_timeout();
  asio::cancellation_type any_cancellation();

  /// Starts a call: `begin` gets its handler, and `then` what it completes with. It may be cancelled at any time, and its handler
  /// may throw.
  template <class... Results, class Begin, class Then>
  void start(call& noted, visit_ptr whose, Begin begin, Then then) {
    const auto signal = std::make_shared<asio::cancellation_signal>();
    const bool throws = chance(0.01);
    ++whose->in_flight;
    begin(asio::bind_cancellation_slot(signal->slot(),
                                       [this, &noted, whose, signal, throws, then = std::move(then)](
                                           error_code code, Results... results) mutable {
                                         noted.may_abort = noted.may_abort || whose->over;
                                         log_.end(noted, code);
                                         --whose->in_flight;
                                         then(code, std::move(results)...);
                                         if (throws) throw thrown_on_purpose();
                                       }));
    if (chance(0.08)) spawn("cancellation", cancel_later(noted, signal));
  }
  template <class... Results, class Begin>
  void start(call& noted, visit_ptr whose, Begin begin) {
    start<Results...>(noted, std::move(whose), std::move(begin), [](error_code, const Results&...) {});
  }

  /// Others may change what it could be recognized by if it is sent again.
  template <class Options>
  call& begin_write(std::string_view what, const Options& how, errors own = {}) {
    call& made = log_.begin(what, how.timeout, own);
    constexpr duration longest_patience = std::chrono::seconds(2);  // as the library's
    if (how.retry == retry::idempotent)
      made.sent_again = made.begin + std::min(how.timeout / 4, longest_patience);
    return made;
  }

  // On kept: noted for the judges.
  test::operation_record& note(visit_ptr whose, test::action what, std::string_view key, duration timeout,
                               revision expected = 0);
  void noted(test::operation_record& op, error_code code, revision rev);
  void noted(test::operation_record& op, error_code code, const std::optional<entry>& found);
  void written(std::size_t slot, const std::string& key, error_code code, revision rev);
  std::string text_of(std::uint64_t value);
  void put(visit_ptr whose);
  void create(visit_ptr whose);
  void update(visit_ptr whose);
  void erase(visit_ptr whose);
  void purge(visit_ptr whose);
  void get(visit_ptr whose);
  void put_many(visit_ptr whose);
  void get_many(visit_ptr whose);

  // On torn, where anything may have been done by others.
  std::string torn_key();
  std::optional<revision> any_expected();
  void put_torn(visit_ptr whose);
  void create_torn(visit_ptr whose);
  void update_torn(visit_ptr whose);
  void erase_torn(visit_ptr whose);
  void purge_torn(visit_ptr whose);
  void get_torn(visit_ptr whose);
  void get_many_torn(visit_ptr whose);
  void put_many_torn(visit_ptr whose);
  void purge_deletes(visit_ptr whose);
  void put_nonsense(visit_ptr whose);

  // On either, and of the client.
  bucket& either(visit& whose) { return chance(0.5) ? whose.kept : whose.torn; }
  void get_revision(visit_ptr whose);
  void keys(visit_ptr whose);
  void history_of(visit_ptr whose);
  void status(visit_ptr whose);
  void open(visit_ptr whose);
  void create_bucket(visit_ptr whose);
  void delete_bucket(visit_ptr whose);
  void bucket_names(visit_ptr whose);
  void flush(visit_ptr whose);
  void rtt(visit_ptr whose);

  // Watches.
  void watch(visit_ptr whose);
  watch_options any_watch_options();
  void note_watch(watching& one, const watch_options& how, std::vector<std::string> filters);
  asio::awaitable<void> end_some_time(watching_ptr one);
  void end_watch(watching_ptr one);
  void take_next(watching_ptr one);
  void took(watching_ptr one, const call& noted, error_code code, const std::vector<entry>& entries);
  void note_entry(watching& one, const entry& e);
  void finish(watching_ptr one);
  asio::awaitable<void> take_later(watching_ptr one);

  asio::io_context& reactor_;
  std::string url_;
  std::mt19937_64 random_;
  call_log& log_;
  test::history& notes_;
  shared_keys keys_{"k", 12, 20};
  std::array<revision, 12> newest_of_slot_{};
  std::list<visit_ptr> visits_;
  std::list<watching_ptr> watches_;
  std::vector<std::string> failures_;
  std::uint32_t sessions_ = 0;
  std::size_t coroutines_ = 0;
  std::uint64_t spare_ = 0;
  duration lag_{};
  std::vector<trouble> late_;
  bool quiet_ = false, stopping_ = false;
};

}  // namespace kvco::chaos::soak
