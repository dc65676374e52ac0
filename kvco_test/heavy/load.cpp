// What heavy tests share. See the header.
#include <kvco_test/heavy/load.hpp>

#include <bench/raw.hpp>

#include <unistd.h>
#include <fstream>

namespace kvco::test {

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) / 1e6;
}

other_client::other_client(config settings, client_work what)
    : thread_([this, settings = std::move(settings), what = std::move(what)] {
        try {
          run(
              [&]() -> asio::awaitable<void> {
                client nats = co_await connect(settings);
                co_await what(nats);
              },
              std::chrono::minutes(5));
        } catch (...) {
          failure_ = std::current_exception();
        }
        done_ = true;
      }) {}

other_client::~other_client() {
  if (thread_.joinable()) thread_.join();
}

void other_client::join() {
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

void preload(const std::string& url, std::string_view bucket, std::size_t begin, std::size_t end,
             const std::function<std::string(std::size_t)>& key, std::size_t value_size) {
  bench::raw_client raw(url);
  const std::string value(value_size, 'v');
  raw.pipeline(end - begin, 4096, bench::raw_client::reply::pub_ack, [&](std::string& out, std::size_t i) {
    out += bench::encode_put(bucket, key(begin + i), value, raw.reply_subject());
  });
}

}  // namespace kvco::test
