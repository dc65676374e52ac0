// The last values of a few filters by one request: direct get with multi_last, a series of replies.
#pragma once

#include <kvco/core/budget.hpp>
#include <kvco/core/request.hpp>
#include <kvco/jetstream/multi_get.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/signal.hpp>
#include <string>
#include <vector>

namespace kvco::kv {

/// One request. The server looks at all keys at one moment (srv: MultiLastSeqs), so that a series without a gap is a snapshot.
class last_values final : public core::request, private core::budget_waiter {
 public:
  explicit last_values(bucket_ptr bucket);
  last_values(const last_values&) = delete;
  last_values& operator=(const last_values&) = delete;
  ~last_values();

  /// Its body; empty: the filters do not fit into one.
  static std::string body_of(const bucket_state& bucket, const std::vector<std::string>& filters);

  /// Sends it as soon as the session's budget of replies allows it.
  void begin(std::string_view body, duration timeout);
  void stop() noexcept;
  /// Set when it has ended.
  signal& over() noexcept { return over_; }
  /// Nothing is missing.
  bool is_whole() const noexcept { return whole_; }
  /// The stream's last revision when the server looked.
  revision up_to() const noexcept { return up_to_; }
  const std::vector<entry>& entries() const noexcept { return entries_; }
  std::vector<entry> take() noexcept { return std::move(entries_); }
  /// Why it is not whole, where that is an error.
  const error_code& code() const noexcept { return code_; }
  const std::string& words() const noexcept { return detail_; }
  /// There are more keys, or larger values, than one request gives.
  bool is_too_wide() const noexcept { return too_wide_; }
  /// The server does not know such requests, or does not permit them.
  bool is_refused() const noexcept { return refused_; }

 private:
  void on_room() override;
  void on_reply(const wire::event& message) override;
  core::time_point last_reply() const noexcept override { return heard_; }
  bool on_lost() override { return stop(), false; }
  void run() override;
  void abandon() noexcept override {}
  void on_value(const jetstream::multi_get_reply& reply);

  bucket_ptr bucket_;
  signal over_;
  duration timeout_{};
  std::vector<entry> entries_;
  std::size_t cost_ = 0;
  std::uint64_t pending_ = 0;
  revision last_ = 0, up_to_ = 0;
  core::time_point heard_ = core::time_point::min();
  bool whole_ = false, gap_ = false, refused_ = false, too_wide_ = false;
};

}  // namespace kvco::kv
