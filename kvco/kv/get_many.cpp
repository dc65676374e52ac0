// Many keys at once: by multi_last where the server knows it, else by many single reads.
#include <kvco/kv/get_many.hpp>

#include <kvco/jetstream/keys.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/many_reader.hpp>
#include <kvco/kv/read_operation.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/deadline_guard.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/task.hpp>
#include <memory>
#include <utility>

namespace kvco::kv {
namespace {

void check(const detail::texts& keys, const get_options& options) {
  refuse(check_timeout(options.timeout));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (jetstream::is_readable_key(keys[i])) continue;
    auto refused = jetstream::check_readable_key(keys[i]);
    throw failure(refused.code, detail::concat("keys[", std::to_string(i), "]: ", refused.detail));
  }
}

// Waits until there is something to do. After a silence of `longest` it looks whether the bucket is gone, or answers no direct get any
// more.
asio::awaitable<void> wait_for(bucket_ptr bucket, many_reader& work, std::optional<duration> longest,
                               core::time_point until) {
  const std::shared_ptr<session> session = bucket->session;
  const std::uint64_t replies = work.replies();
  bool quiet = false;
  work.turn().reset();
  std::optional<deadline_guard> guard;
  if (longest) {
    guard.emplace(session, session->now() + *longest, [&] {
      quiet = work.replies() == replies;
      work.turn().set();
    });
  }
  co_await wait(session, work.turn());
  if (!quiet) co_return;
  co_await inspect_again(bucket, until);
  if (work.direct() && !bucket->allow_direct) work.resume();
}

}  // namespace

asio::awaitable<std::vector<std::optional<entry>>> get_many(bucket_ptr bucket, detail::texts keys,
                                                            get_options options) {
  check(keys, options);
  const std::shared_ptr<session> session = bucket->session;
  if (session->closing()) throw failure(client_error::closed, "the client was closed");
  if (keys.empty()) co_return many_reader::values();

  const duration timeout = timeout_or_default(*session, options.timeout);
  const core::time_point until = session->now() + timeout;
  many_reader work(bucket, std::move(keys), options, until);
  deadline_guard guard(session, until,
                       [&work] { work.fail(client_error::timeout, "not all keys were answered in time"); });
  recovery recovering(bucket, until);
  work.go_on();
  while (true) {
    if (work.failed()) throw work.why();
    if (work.complete()) co_return work.take();
    if (session->terminated()) throw failure(asio::error::operation_aborted, "the client was closed");
    if (work.stranded()) {
      co_await recovering.try_again();
      work.resume();
    } else {
      co_await wait_for(bucket, work, silence_of(*session, work.direct(), timeout), until);
    }
  }
}

}  // namespace kvco::kv
