// Shared by watches that begin together: one STREAM.INFO for all of a stream, and turns to create their
// consumers.
#pragma once

#include <deque>
#include <functional>
#include <kvco/core/deadlines.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/net/api_call.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/session_member.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kvco::kv {

using namespace net;  // the operations of buckets are written in its terms

/// Belongs to one session. The functions passed here hold their watch weakly: a watch that ends need not be
/// removed.
class watch_setups final : private session_member {
 public:
  /// More would only wait in the server, and run into their deadlines there.
  static constexpr std::size_t max_creates = 128;

  explicit watch_setups(session& owner) noexcept : session_(owner) { owner.add(*this); }
  static watch_setups& of(session& owner);

  using inspected = std::function<void(const api_reply&, const jetstream::outcome<jetstream::stream_info>&)>;
  /// The reply to a request that is sent after this call, not to an earlier one: it is newer than everything
  /// known to the caller.
  void inspect(const std::string& stream, core::time_point until, inspected done);

  /// Creates a consumer, or returns false if it is no longer needed.
  using creation = std::function<bool()>;
  /// Calls it when it is its turn, perhaps at once. Each that returned true is followed by leave().
  void enter(creation next);
  void leave();

 private:
  // Requests of the last connection are not waited for any more.
  void on_lost(const std::string&) override { streams_.clear(); }
  void end(error_code, const std::string&) noexcept override {}
  void abandon() noexcept override {}

  struct batch {
    std::vector<inspected> waiting;
    core::time_point until{};
  };
  struct inspection {
    std::shared_ptr<batch> asked, next;
    bool posted = false;
  };
  void post(const std::string& stream, inspection& of);
  void request_info(const std::string& stream);
  void on_reply(const std::string& stream, const std::shared_ptr<batch>& asked, const api_reply& reply);
  void serve();

  session& session_;
  std::map<std::string, inspection, std::less<>> streams_;
  std::deque<creation> waiting_;
  std::size_t creating_ = 0;
};

}  // namespace kvco::kv
