// The objects that a session notifies of its connections and of its end.
#pragma once

#include <boost/intrusive/list.hpp>
#include <kvco/error.hpp>
#include <kvco/observe/health.hpp>
#include <string>

namespace kvco::net {

struct session_member_tag;
using session_member_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<session_member_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Registered by session::add(). Leaves by leave() or by its destruction, even in the middle of a call to another member or to
/// itself.
class session_member : public session_member_hook {
 public:
  /// A connection is established.
  virtual void on_connected() {}
  /// The connection was lost, for this reason.
  virtual void on_lost(const std::string& /*words*/) {}
  /// The client drains: the member completes the work that it has begun, and begins no more.
  virtual void drain() {}
  /// The session has ended.
  virtual void end(error_code code, const std::string& words) noexcept = 0;
  /// The reactor is gone: frees waiting operations without completing them.
  virtual void abandon() noexcept = 0;
  virtual void describe(client_health& /*client*/) const {}

  void leave() noexcept { session_member_hook::unlink(); }

 protected:
  session_member() = default;
  session_member(const session_member&) = delete;
  session_member& operator=(const session_member&) = delete;
  ~session_member() = default;

 private:
  friend class session_members;
};

/// The members of a session.
class session_members {
 public:
  void add(session_member& who) noexcept { all_.push_back(who); }

  /// Calls `call` for each member that was registered when this began and has not left since.
  template <class Call>
  void each(Call call) {
    list rest;
    rest.swap(all_);
    struct keep {  // the remaining members, if a call throws
      list& all;
      list& rest;
      ~keep() { all.splice(all.end(), rest); }
    } guard{all_, rest};
    while (!rest.empty()) {
      session_member& next = rest.front();
      rest.pop_front();
      all_.push_back(next);
      call(next);
    }
  }
  /// Removes all members, and calls `call` for each, including those that are added meanwhile.
  template <class Call>
  void take_each(Call call) noexcept {
    while (!all_.empty()) {
      session_member& last = all_.back();
      all_.pop_back();
      call(last);
    }
  }
  void describe(client_health& client) const {
    for (const session_member& each : all_) each.describe(client);
  }

 private:
  using list = boost::intrusive::list<session_member, boost::intrusive::base_hook<session_member_hook>,
                                      boost::intrusive::constant_time_size<false>>;
  list all_;
};

}  // namespace kvco::net
