// ready(), next(), next_initial(), next_batch(): taking from a watch, or waiting for it.
#include <kvco/kv/watch_next.hpp>

#include <boost/asio/error.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

struct take_one {
  using value = maybe_entry;
  wanted what;
  detail::refusal check() const { return {}; }
  bool available(const watch& from) const { return from.available(what); }
  value from(watch& source) const { return source.take(what); }
  bool is_end(const watch& from) const {
    return from.ended() && !(what == wanted::initial && from.initial_complete());
  }
};
struct take_batch {
  using value = maybe_batch;
  std::size_t max;
  detail::refusal check() const {
    if (max > 0) return {};
    return {client_error::setting_out_of_range, "a batch of at most 0 entries"};
  }
  bool available(const watch& from) const { return from.available(wanted::any); }
  value from(watch& source) const { return source.take_batch(max); }
  bool is_end(const watch& from) const { return from.ended(); }
};

asio::awaitable<void> wait_until_established(std::shared_ptr<watch> watch) {
  if (!watch->established() && !watch->ended()) co_await watch->settled().wait(asio::deferred);
  if (watch->code()) throw failure(watch->code(), watch->detail());
  if (!watch->established()) throw failure(asio::error::operation_aborted, "the watch was stopped");
}

constexpr take_one any{wanted::any}, initial{wanted::initial};

}  // namespace

asio::awaitable<maybe_entry> next(std::shared_ptr<watch> from) { return take_or_wait(std::move(from), any); }
asio::awaitable<maybe_entry> next_initial(std::shared_ptr<watch> from) {
  return take_or_wait(std::move(from), initial);
}
asio::awaitable<maybe_batch> next_batch(std::shared_ptr<watch> from, std::size_t max) {
  return take_or_wait(std::move(from), take_batch{max});
}

asio::awaitable<ended_with<maybe_entry>> next_as_tuple(std::shared_ptr<watch> from) {
  return take_or_wait_as_tuple(std::move(from), any);
}
asio::awaitable<ended_with<maybe_entry>> next_initial_as_tuple(std::shared_ptr<watch> from) {
  return take_or_wait_as_tuple(std::move(from), initial);
}
asio::awaitable<ended_with<maybe_batch>> next_batch_as_tuple(std::shared_ptr<watch> from, std::size_t max) {
  return take_or_wait_as_tuple(std::move(from), take_batch{max});
}

detail::operation_ptr<maybe_entry> prepare_next(const std::shared_ptr<watch>& from) {
  return prepare_take(from, any);
}
detail::operation_ptr<maybe_entry> prepare_next_initial(const std::shared_ptr<watch>& from) {
  return prepare_take(from, initial);
}
detail::operation_ptr<maybe_batch> prepare_next_batch(const std::shared_ptr<watch>& from, std::size_t max) {
  return prepare_take(from, take_batch{max});
}

detail::operation_ptr<> prepare_ready(const std::shared_ptr<watch>& from) {
  if (!is_usable(from)) return {};
  return make_task<>(from->owner()->executor(), nullptr, [from] { return wait_until_established(from); });
}

}  // namespace kvco::kv
