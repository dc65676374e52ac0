// One wildcard subscription for the replies of all requests: reply subject -> the request that waits for it.
#pragma once

#include <array>
#include <cstdint>
#include <kvco/core/deadlines.hpp>
#include <kvco/wire/event.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

/// Waits for a reply. It is registered in at most one inbox.
class waiter : public timed {
 public:
  /// A reply came. It stays registered: more may come until its owner removes it.
  virtual void on_reply(const wire::event& reply) = 0;

 protected:
  ~waiter() = default;

 private:
  friend class inbox;
  static constexpr std::uint32_t none = UINT32_MAX;
  std::uint32_t slot_ = none;
};

/// The table of open requests. A request's reply subject is `<prefix><token>`; the token identifies the slot
/// of the table and its use. No token is repeated, so a late reply matches no request instead of the slot's
/// next user. It is short, because the server reads, hashes and writes it with each request.
class inbox {
 public:
  static constexpr std::size_t token_size = 8;
  using token = std::array<char, token_size>;
  /// The number of names of a slot; a slot is retired after its last one. (There may be as many slots: enough
  /// for 2^47 requests.)
  static constexpr std::uint32_t names_per_slot = 1u << 24;

  /// @param prefix      e.g. "_INBOX.Vq3x9KpL2s."
  /// @param first_name  of each slot, below names_per_slot: random, so that replies for another inbox that
  /// happens to have the same prefix match no request
  explicit inbox(std::string prefix, std::uint32_t first_name = 0)
      : prefix_(std::move(prefix)), first_name_(first_name) {}

  const std::string& prefix() const noexcept { return prefix_; }
  /// The subject to subscribe to: `<prefix>*`.
  std::string subject() const { return prefix_ + '*'; }

  token add(waiter& request);
  void remove(waiter& request) noexcept;
  bool contains(const waiter& request) const noexcept { return request.slot_ != waiter::none; }
  /// Delivers a reply to its request. False: no request waits for it (late, a duplicate, or foreign); it is
  /// counted.
  bool deliver(const wire::event& reply);
  /// The request with this reply subject; nullptr: no request waits for it.
  waiter* waiting_for(std::string_view reply_subject) const noexcept;

  std::size_t size() const noexcept { return open_; }
  std::uint64_t strays() const noexcept { return strays_; }

  /// Calls `visit(waiter&)` for each open request. It may remove the one it is given.
  template <class Visitor>
  void for_each(Visitor&& visit) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (waiter* request = slots_[i].request) visit(*request);
    }
  }

 private:
  struct slot {
    waiter* request = nullptr;
    std::uint32_t next_free = 0;
    token name;  // of its use now, or of the next one
  };

  const slot* find(std::string_view reply_subject) const noexcept;
  void prefetch_after(const slot& answered) const noexcept;

  std::string prefix_;
  std::uint32_t first_name_;
  std::vector<slot> slots_;
  // Slots are used in turns: requests that follow each other have neighbours, as a rule.
  std::uint32_t first_free_ = waiter::none;
  std::uint32_t last_free_ = 0;  // means nothing while none is free
  std::size_t open_ = 0;
  std::uint64_t strays_ = 0;
};

}  // namespace kvco::core
