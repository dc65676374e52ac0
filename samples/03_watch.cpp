// Changes as they happen: a range-for over batches in a coroutine, and a range-for without coroutines.
#include "sample.hpp"

#include <boost/asio/use_future.hpp>

void print(const kvco::entry& e) {
  cout << "  " << e.key() << (e.operation() == kvco::operation::put ? " = " : " is gone") << e.value()
       << "\n";
}

asio::awaitable<void> change_prices(kvco::bucket prices) {
  co_await prices.put("fruit.apple", "4");
  co_await prices.put("bread.rye", "7");  // not watched
  co_await prices.erase("fruit.fig");
  co_await prices.put("fruit.melon", "9");
  co_await prices.put("fruit.closed", "yes");
}

asio::awaitable<void> in_a_coroutine() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket prices = co_await sample::empty_bucket(nats, "SAMPLE_WATCH", 5);
  co_await prices.put("fruit.apple", "3");
  co_await prices.put("fruit.fig", "1");

  // First the initial data: this loop ends exactly at its end, at once if the bucket is empty.
  kvco::watcher updates = prices.watch("fruit.*");
  cout << "prices now\n";
  while (std::optional<kvco::entry> e = co_await updates.next_initial()) print(*e);

  // Then every change. Any client may write meanwhile; here it is another coroutine of this thread.
  asio::co_spawn(co_await asio::this_coro::executor, change_prices(prices), sample::rethrow);
  cout << "changes, in the order in which they were made\n";
  while (auto batch = co_await updates.next_batch()) {
    for (const kvco::entry& e : *batch) {
      print(e);
      if (e.key() == "fruit.closed") updates.stop();  // the next next_batch() returns nothing: the end
    }
  }

  // cursor() is the last revision taken. A later watch continues after it, even in another process.
  co_await prices.put("fruit.apple", "5");
  kvco::watcher later = prices.watch("fruit.*", {.resume_from = updates.cursor() + 1});
  cout << "what changed since\n";
  if (std::optional<kvco::entry> e = co_await later.next()) print(*e);
}

// No coroutine in sight: the range drives the reactor while it waits.
void in_a_script(asio::io_context& reactor) {
  kvco::client nats = sample::wait(reactor, kvco::connect(reactor, sample::url(), asio::use_future));
  kvco::bucket prices = sample::wait(reactor, nats.open_bucket("SAMPLE_WATCH", asio::use_future));

  cout << "all that is kept of fruit.apple, and the end\n";
  kvco::watcher kept = prices.watch("fruit.apple", {.include_history = true, .initial_only = true});
  for (const kvco::entry& e : kvco::blocking(reactor, kept)) print(e);

  cout << "every change from now on, until we have seen enough\n";
  kvco::watcher updates = prices.watch_all({.updates_only = true});
  sample::wait(reactor, updates.next_initial(asio::use_future));  // the watch is established
  asio::co_spawn(reactor, change_prices(prices), sample::rethrow);
  for (const kvco::entry& e : kvco::blocking(reactor, updates)) {
    print(e);
    if (e.key() == "fruit.closed") break;
  }
  sample::wait(reactor, nats.delete_bucket("SAMPLE_WATCH", asio::use_future));
}

int main() { return sample::run(in_a_coroutine()) || sample::run(in_a_script); }
