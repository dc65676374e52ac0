// A client in a scripted world, step by step: one reactor, one world, one session, and what a test asks of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <kvco/kvco.hpp>
#include <kvco_test/support/fake/scripted_world.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kvco::net {
class session;
}

namespace kvco::test {

// --- results as texts -------------------------------------------------------------------------------------------------

inline std::string describe(revision rev) { return std::to_string(rev); }
inline std::string describe(const std::optional<revision>& rev) { return rev ? describe(*rev) : "none"; }
inline std::string describe(const client&) { return "client"; }
inline std::string describe(const bucket& b) { return "bucket " + b.name(); }
inline std::string describe(duration) { return "time"; }
inline std::string describe(const account_info& a) {
  return "account of " + std::to_string(a.usage.streams) + " streams";
}
inline std::string describe(const capabilities& c) {
  return c.server_version() + " level " + std::to_string(c.api_level());
}
inline std::string describe(const std::optional<std::string>& name) { return name.value_or("none"); }
std::string describe(const entry& e);
std::string describe(const std::optional<entry>& e);
std::string describe(const std::optional<std::vector<entry>>& batch);
std::string describe(const std::vector<entry>& all);
inline std::string describe(const snapshot& all) {
  return describe(all.entries) + " at " + describe(all.revision);
}
std::string describe(const std::vector<std::optional<entry>>& all);
std::string describe(const std::vector<put_outcome>& all);
std::string describe(std::vector<std::string> names);
std::string describe(const bucket_status& status);

/// What a completion handler was told, and how often.
struct outcome {
  int calls = 0;
  error_code code;
  std::string value, detail;
};

/// Its value, or what its error means.
inline std::string in_words(const outcome& o) {
  return o.code ? o.code.default_error_condition().message() : o.value;
}

/// A completion handler that notes an outcome. The outcome must live as long as it may be called.
struct note {
  outcome* to;
  template <class... Ts>
  void operator()(error_code code, Ts&&... values) const {
    const own_allocations mine;
    ++to->calls;
    to->code = code;
    to->detail = code ? error_detail() : std::string();
    if (!code) to->value = (std::string("ok") + ... + (' ' + describe(values)));
  }
};

// --- the lab ----------------------------------------------------------------------------------------------------------

class lab {
 public:
  explicit lab(config settings = config("nats://a:4222"));
  lab(const lab&) = delete;
  lab& operator=(const lab&) = delete;
  /// Ends everything in the usual order (handles, reactor, world), and checks what must hold at every end.
  ~lab();

  asio::io_context& reactor() { return *reactor_; }
  scripted_world& world() { return *world_; }
  fake_server& server() { return world_->server; }
  net::session& session() { return *session_; }
  asio::any_io_executor executor() { return reactor_->get_executor(); }

  /// As kvco::connect() does it, but into the scripted world.
  detail::operation_ptr<client> prepare_connect();
  /// Connects, and runs until that is done.
  void connect();
  /// connect(), and the buckets "B" and "other", which are there already.
  void connect_and_open();

  // Running.
  /// One handler. False: none is ready.
  bool step();
  /// All that is ready; how many handlers that were.
  std::size_t run();
  /// One handler; if none is ready, the clock goes on to its next point, at most by `most` in all. False: nothing is left.
  bool step_or_wait(duration most = std::chrono::minutes(5));
  bool run_until(const std::function<bool()>& done, duration most = std::chrono::minutes(5));
  /// Lets this much time pass, point by point.
  void pass(duration time);

  // The end of things.
  void destroy_reactor();
  /// Of the client, its buckets and its watch: the last one ends the connection.
  void drop_handles() { listed = {}, updates = {}, kv = other = {}, nats = {}; }
  void forget_session() { session_.reset(); }
  bool session_is_gone() const { return weak_.expired(); }

  /// Checks that the client is as good as new: a put and a get, nothing pending, no subscription left over.
  void expect_working(std::size_t watches = 0);
  /// Nothing that the client has sent was malformed.
  void expect_well_formed();

  config settings;
  client nats;
  bucket kv, other;
  watcher updates;
  bucket_listing<std::string> listed;

 private:
  bucket open(std::string_view name);

  std::unique_ptr<asio::io_context> reactor_;
  std::shared_ptr<scripted_world> world_;
  std::shared_ptr<net::session> session_;
  std::weak_ptr<net::session> weak_;
  core::time_point begin_{};
};

/// Every client error is one code of kvco; a test compares them with this.
inline testing::AssertionResult succeeded(const outcome& o) {
  if (o.calls == 1 && !o.code) return testing::AssertionSuccess();
  return testing::AssertionFailure() << o.calls << " calls, " << o.code.message() << " (" << o.detail << ")";
}
inline testing::AssertionResult failed_with(const outcome& o, errc expected) {
  if (o.calls == 1 && o.code == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << o.calls << " calls, " << o.code.message() << " (" << o.detail
                                     << ") value " << o.value;
}

}  // namespace kvco::test
