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

held_lock::held_lock(bucket in, std::string name, duration ttl)
    : in_(std::move(in)), name_(std::move(name)), owner_(name_of_this_process()), ttl_(ttl) {}

asio::awaitable<void> held_lock::acquire(command_ptr call, std::optional<duration> wait) {
  const clock::time_point deadline =
      wait ? clock::now() + std::chrono::duration_cast<clock::duration>(*wait) : clock::time_point::max();
  for (;;) {
    if (co_await try_to_create(call)) {
      if (co_await is_fresh()) co_return;
      continue;
    }
    if (clock::now() >= deadline) break;
    co_await wait_for_change(in_, name_, ttl_, deadline);
  }
  const std::optional<entry> other = co_await in_.get(name_);
  throw failure(exit_code::try_again, "is held" + (other ? " by " + shown_in_a_line(other->value()) : ""));
}

/// False: another process has it.
asio::awaitable<bool> held_lock::try_to_create(command_ptr call) {
  const clock::time_point begun =
      clock::now();  // the server may have stored it long before its answer arrives
  may_be_held_ = true;
  auto [error, at] =
      co_await in_.create(name_, owner_, {.retry = retry::idempotent, .diag = &call->why}, nothrow);
  may_be_held_ = error != errc::key_exists;
  if (!may_be_held_) co_return false;
  if (error) throw boost::system::system_error(error, call->why.text);
  token_ = last_ = at;
  expires_ = begun + std::chrono::duration_cast<clock::duration>(ttl_);
  co_return true;
}

clock::duration held_lock::part_of_ttl() const {
  return std::chrono::duration_cast<clock::duration>(ttl_ / 3);
}

/// Renews it if a third of its time has passed. False: it may be lost.
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
  if (!may_be_held_) co_return;
  while (const std::optional<revision> own = co_await own_revision()) {
    auto [error, at] = co_await in_.erase(name_, {.last_revision = *own}, nothrow);
    if (error != errc::wrong_last_revision) co_return;  // otherwise by a renewal that was still in flight
  }
}

}  // namespace kvco::cli
