// A lock: a key that its holder writes again and again. See the header.
#include <kvco/cli/held_lock.hpp>
#include <kvco/cli/texts.hpp>
#include <kvco/token.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <utility>

#include <unistd.h>

namespace kvco::cli {
namespace {

using namespace asio::experimental::awaitable_operators;
using clock = std::chrono::steady_clock;

/// For people, and unlike that of any other process.
std::string name_of_this_process() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  std::random_device random;
  return std::string(host.data()) + " pid " + std::to_string(::getpid()) + " #" + std::to_string(random());
}

/// Until the key is deleted, or was not written for half its life: on many servers nothing reports that a key expires.
asio::awaitable<void> wait_for_change(bucket in, std::string name, duration ttl, clock::time_point deadline) {
  watcher changes = in.watch(name);
  asio::steady_timer timer(in.get_executor());
  while (clock::now() < deadline) {
    timer.expires_at(std::min(clock::now() + std::chrono::duration_cast<clock::duration>(ttl / 2), deadline));
    const auto which = co_await (changes.next() || timer.async_wait(asio::use_awaitable));
    if (which.index() == 1) co_return;
    const std::optional<entry>& next = std::get<0>(which);
    if (!next || next->operation() != operation::put) co_return;
  }
}

}  // namespace

asio::awaitable<held_lock_ptr> acquire(command_ptr call, bucket in, std::string name, duration ttl,
                                       std::optional<duration> wait) {
  const std::string owner = name_of_this_process();
  const clock::time_point deadline =
      wait ? clock::now() + std::chrono::duration_cast<clock::duration>(*wait) : clock::time_point::max();
  for (;;) {
    const clock::time_point begun =
        clock::now();  // the server may have stored it long before its answer arrives
    auto [held, at] =
        co_await in.create(name, owner, {.retry = retry::idempotent, .diag = &call->why}, nothrow);
    if (!held) {
      auto lock = std::make_shared<held_lock>(in, name, owner, ttl, at, begun);
      if (co_await lock->is_fresh()) co_return lock;
      continue;
    }
    if (held != errc::key_exists) throw boost::system::system_error(held, call->why.text);
    if (clock::now() >= deadline) break;
    co_await wait_for_change(in, name, ttl, deadline);
  }
  const std::optional<entry> other = co_await in.get(name);
  throw failure(exit_code::try_again, "is held" + (other ? " by " + shown_in_a_line(other->value()) : ""));
}

held_lock::held_lock(bucket in, std::string name, std::string owner, duration ttl, revision token,
                     clock::time_point begun)
    : in_(std::move(in)),
      name_(std::move(name)),
      owner_(std::move(owner)),
      ttl_(ttl),
      token_(token),
      last_(token),
      expires_(begun + std::chrono::duration_cast<clock::duration>(ttl)) {}

clock::duration held_lock::part_of_ttl() const {
  return std::chrono::duration_cast<clock::duration>(ttl_ / 3);
}

asio::awaitable<bool> held_lock::is_fresh() {
  if (clock::now() + 2 * part_of_ttl() < expires_) co_return true;
  co_return co_await renew();
}

asio::awaitable<std::optional<revision>> held_lock::own_revision() {
  auto [error, last] = co_await in_.get(name_, {.consistency = consistency::leader}, nothrow);
  if (error || !last || last->value() != owner_) co_return std::nullopt;
  co_return last->revision();
}

/// False: another process has the lock, or it has expired.
asio::awaitable<bool> held_lock::renew() {
  const clock::time_point begun = clock::now();
  const clock::duration timeout = std::min(part_of_ttl(), expires_ - begun);
  if (timeout <= clock::duration::zero()) co_return false;
  auto [error, at] = co_await in_.update(name_, owner_, last_, {.timeout = timeout}, nothrow);
  if (error == errc::wrong_last_revision) {  // perhaps by an update whose answer was lost
    const std::optional<revision> own = co_await own_revision();
    if (!own) co_return false;
    last_ = *own;
    co_return true;
  }
  if (error) co_return clock::now() + part_of_ttl() < expires_;
  last_ = at;
  expires_ = begun + std::chrono::duration_cast<clock::duration>(ttl_);
  co_return true;
}

asio::awaitable<void> held_lock::keep() {
  asio::steady_timer timer(in_.get_executor());
  do {
    timer.expires_after(part_of_ttl());
    co_await timer.async_wait(asio::deferred);
  } while (co_await renew());
}

asio::awaitable<void> held_lock::release() {
  const std::optional<revision> own = co_await own_revision();
  if (own) co_await in_.erase(name_, {.last_revision = *own}, nothrow);
}

}  // namespace kvco::cli
