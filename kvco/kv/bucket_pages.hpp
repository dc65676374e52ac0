// The buckets of an account, page by page.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <kvco/bucket_status.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/net/session.hpp>
#include <kvco/options.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace kvco::kv {

using namespace net;  // the operations of buckets are written in its terms

class bucket_pages {
 public:
  /// Names: of a bucket that no server has reported in time, or for a user without permission to request configurations, the
  /// status has no more than its name. Statuses: only of one that no server reports when it is asked for again.
  enum class content : std::uint8_t { names, statuses };

  bucket_pages(std::shared_ptr<session> owner, content wanted, const request_options& options)
      : session_(std::move(owner)), options_(options), wanted_(wanted) {}

  /// The next bucket, each once; nothing at the end. After a failure it goes on where it was.
  boost::asio::awaitable<std::optional<bucket_status>> next(core::time_point until, progress* done);

  const std::shared_ptr<session>& owner() const noexcept { return session_; }
  const request_options& options() const noexcept { return options_; }
  /// One next() at a time.
  bool is_in_use = false;

 private:
  boost::asio::awaitable<void> load(core::time_point until, progress* done);
  boost::asio::awaitable<jetstream::stream_page> ask_for_page(core::time_point until, progress* done);
  boost::asio::awaitable<std::optional<bucket_status>> next_missing(core::time_point until, progress* done);
  std::string take_missing();
  bool go_back(std::uint64_t total) noexcept;

  std::shared_ptr<session> session_;
  request_options options_;
  content wanted_;
  bool by_names_ = false;  // configurations are denied
  bool at_end_ = false;
  std::uint64_t offset_ = 0, total_ = 0;
  std::deque<bucket_status> there_;
  std::deque<std::string> missing_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace kvco::kv
