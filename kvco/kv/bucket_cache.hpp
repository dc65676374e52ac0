// client::key_value(): the buckets that a client has opened once for all of its program.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/broadcast.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/session_member.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace kvco::kv {

/// Belongs to one session, and releases its buckets with the end of it, because they keep the session.
class bucket_cache final : private session_member {
 public:
  explicit bucket_cache(session& owner) noexcept { owner.add(*this); }
  static bucket_cache& of(session& owner);

  /// The search for a bucket by one call, and its result for all calls that wait for it.
  struct search {
    bool over = false;
    // False: it has ended with its call (a deadline, a cancellation), and another one searches again.
    bool concerns_all = false;
    broadcast ended;
    bucket_ptr bucket;
    bucket_config config{""};  // as the server reported it last
    std::string asked;         // the request that it would create the bucket with; empty: it creates none
    detail::refusal failed;    // of a search by that request
  };

  /// Over: its bucket is known. Otherwise a call searches for it now. nullptr: neither.
  std::shared_ptr<search> find(std::string_view name) const;
  void begin(const std::string& name, std::shared_ptr<search> which);
  /// Its result is not kept.
  void drop(const std::string& name, const search& which) noexcept;

  /// A bucket has this configuration now.
  void renew(const bucket_config& config);
  /// The next call begins again. The result of a search that is not over is not kept.
  void forget(std::string_view name) noexcept;

  /// Every error of the server about a bucket comes here: if it shows that the bucket is gone, or is another one now, the next call of
  /// key_value() begins again. Of a handle only where it is this handle that is kept. A search that is not over goes on.
  static void note_error(session& owner, std::string_view name, const error_code& why) noexcept;
  static void note_error(const bucket_state& bucket, const error_code& why) noexcept;

  /// Forgets a bucket at the end of a scope.
  class forget_at_end {
   public:
    forget_at_end(session& of, std::string_view name) noexcept : session_(of), name_(name) {}
    forget_at_end(const forget_at_end&) = delete;
    forget_at_end& operator=(const forget_at_end&) = delete;
    ~forget_at_end() {
      if (!session_.abandoned()) bucket_cache::of(session_).forget(name_);
    }

   private:
    session& session_;
    std::string_view name_;
  };

 private:
  void end(error_code, const std::string&) noexcept override { release(); }
  void abandon() noexcept override { release(); }
  void release() noexcept;

  std::map<std::string, std::shared_ptr<search>, std::less<>> all_;
};

boost::asio::awaitable<bucket_ptr> key_value(std::shared_ptr<session> session, bucket_config config,
                                             key_value_options options, progress* done);

}  // namespace kvco::kv
