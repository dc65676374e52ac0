// Many writes at once: a window of unanswered requests moves over the items.
#include <kvco/kv/put_many.hpp>

#include <kvco/kv/checks.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/task.hpp>
#include <memory>
#include <utility>

namespace kvco::kv {
namespace {

struct give_up_for {
  error_code code;
  std::string words;
};

// Waits until the bucket is served again. A returned code is the reason why it will not be.
asio::awaitable<give_up_for> recover(recovery& outage) {
  give_up_for why;
  try {
    co_await outage.try_again();
  } catch (const failure& known) {
    if (known.code() == asio::error::operation_aborted) throw;
    why.code = known.code();
    why.words = known.words();
  }
  co_return why;
}

// An origin that still does not answer is the reason with which each item is refused.
asio::awaitable<void> look_for_origin(bucket_ptr bucket, core::time_point until, progress* done) {
  try {
    co_await ask_origin_again(bucket, until, done);
  } catch (const failure& known) {
    if (known.code() == asio::error::operation_aborted) throw;
  }
}

}  // namespace

void check_limits(const put_many_options& options) {
  refuse(check_timeout(options.timeout));
  if (options.max_in_flight == 0)
    throw failure(client_error::setting_out_of_range, "max_in_flight 0, at least 1");
}

asio::awaitable<std::vector<put_outcome>> put_many(bucket_ptr bucket, detail::texts items,
                                                   put_many_options options, progress* done) {
  check_limits(options);
  header_of_item none;
  co_return co_await write_many(std::move(bucket), std::move(items), std::move(none), options, done);
}

asio::awaitable<std::vector<put_outcome>> write_many(bucket_ptr bucket, detail::texts items,
                                                     header_of_item header, put_many_options options,
                                                     progress* done) {
  const std::shared_ptr<session> session = bucket->session;
  if (session->closing()) throw failure(client_error::closed, "the client was closed");
  const duration timeout = timeout_or_default(*session, options.timeout);
  if (check_writable(*bucket)) co_await look_for_origin(bucket, deadline_of(*session, options.timeout), done);
  many_writer work(bucket, std::move(items), std::move(header), options.max_in_flight, timeout);
  struct end {
    progress& of;
    ~end() { of.end(false); }
  } guard{*done};
  done->begin(work);
  std::optional<recovery> outage;
  work.go_on();
  while (!work.complete()) {
    if (work.aborted() || session->terminated()) {
      throw failure(asio::error::operation_aborted, "the client was closed");
    }
    if (work.stranded()) {
      // An outage may last as long as the first item has time.
      if (work.has_stored() || !outage) outage.emplace(bucket, work.refused_until());
      const give_up_for why = co_await recover(*outage);
      why.code ? work.give_up(why.code, why.words) : work.resume();
    } else {
      work.turn().reset();
      co_await wait(session, work.turn());
    }
  }
  co_return work.take();
}

}  // namespace kvco::kv
