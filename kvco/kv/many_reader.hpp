// get_many on a connection: a bounded number of requests in flight, until each key has its answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <kvco/core/budget.hpp>
#include <kvco/core/many_reads.hpp>
#include <kvco/detail/texts.hpp>
#include <kvco/entry.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/request_pool.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/task.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::kv {

/// core::many_reads decides how each key is requested; the replies are kept here.
class many_reader final : private core::budget_waiter {
 public:
  using values = std::vector<std::optional<entry>>;

  many_reader(bucket_ptr bucket, detail::texts keys, const get_options& options, core::time_point until);
  many_reader(const many_reader&) = delete;
  many_reader& operator=(const many_reader&) = delete;
  ~many_reader();

  /// Asks for as much as may be in flight.
  void go_on() noexcept;
  /// Set when there is something to do: it is complete, has failed, or waits for its bucket.
  signal& turn() noexcept { return turn_; }
  bool complete() const noexcept { return reads_.complete(); }
  bool failed() const noexcept { return static_cast<bool>(code_); }
  bool direct() const noexcept { return reads_.direct(); }
  /// No server answers for the bucket (503), and nothing is in flight any more.
  bool stranded() const noexcept { return reads_.held() && in_flight() == 0; }
  void resume();
  void fail(error_code code, std::string detail);
  failure why() const { return failure(code_, detail_); }
  std::uint64_t replies() const noexcept { return replies_; }
  values take() { return std::move(values_); }

 private:
  class part;
  class series;
  class single;

  void on_room() override { go_on(); }

  std::size_t in_flight() const noexcept { return series_.used() + singles_.used(); }
  bool start_series();
  bool start_single();
  /// False: there was no memory for the value that `make` returns, and the whole has failed.
  template <class Make>
  bool store(std::uint32_t index, const Make& make);
  void on_ended(series& done, bool whole);
  void on_lost(series& lost);
  void on_reply(series& from, const wire::event& message);
  void on_reply(single& from, const wire::event& reply);
  void on_refused(series& refused, error_code code, std::string detail);
  void on_failure(single& failed, error_code code, std::string detail);
  void refuse_chunks(series& refused);
  void copy_twins(const core::key_chunk& chunk);
  void leave_replicas();
  /// After each part that has ended: others take its place.
  void release(series& done);
  void release(single& done);
  void go_on_after_one();

  bucket_ptr bucket_;
  session& session_;
  core::many_reads reads_;
  values values_;
  core::time_point until_;
  signal turn_;
  request_pool<series> series_;
  request_pool<single> singles_;
  std::uint64_t replies_ = 0;
  error_code code_;
  std::string detail_;
};

}  // namespace kvco::kv
