// The requests of a many_reader: a series of replies for a chunk of keys, or one reply for one key.
#pragma once

#include <kvco/core/key_chunk.hpp>
#include <kvco/core/many_reads.hpp>
#include <kvco/core/request.hpp>
#include <kvco/kv/many_reader.hpp>
#include <utility>

namespace kvco::kv {

/// Its owner goes with the coroutine that waits for the whole.
class many_reader::part : public core::request {
 public:
  explicit part(many_reader& owner) : request(owner.session_.requests(), core::effect::read), owner_(owner) {}
  ~part() = default;

  void send(core::frame encoded, std::size_t cost, core::time_point until,
            duration patience = core::first_patience) {
    frame_ = std::move(encoded);
    cost_ = cost;
    submit_until_answered(until, owner_.session_.now(), patience);
  }
  /// Leaves the session and returns its share of the budget.
  void leave() {
    withdraw();
    const std::size_t cost = std::exchange(cost_, 0);
    if (cost != 0 && !owner_.session_.abandoned()) owner_.session_.replies().give(cost);
  }

 protected:
  void abandon() noexcept final {}

  many_reader& owner_;
  std::size_t cost_ = 0;
};

class many_reader::series final : public part {
 public:
  using part::part;
  void note() noexcept {
    note_reply();
    heard = owner_.session_.read_time();
  }
  core::key_chunk chunk;
  duration patience = core::first_patience;
  core::time_point heard = core::time_point::min();  // when a message came last

 private:
  void on_reply(const wire::event& message) override { owner_.on_reply(*this, message); }
  core::time_point last_reply() const noexcept override { return heard; }
  /// False: the messages of two answers to one request could not be distinguished.
  bool on_lost() override { return owner_.on_lost(*this), false; }
  void run() override { owner_.on_refused(*this, code_, std::move(detail_)); }
};

class many_reader::single final : public part {
 public:
  using part::part;
  core::many_reads::single what;

 private:
  void on_reply(const wire::event& reply) override { owner_.on_reply(*this, reply); }
  void run() override { owner_.on_failure(*this, code_, std::move(detail_)); }
};

}  // namespace kvco::kv
