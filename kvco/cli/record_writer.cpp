// Records -> a bucket. See the header.
#include <kvco/cli/record_writer.hpp>
#include <kvco/many.hpp>
#include <kvco/token.hpp>

#include <string>
#include <utility>

namespace kvco::cli {
namespace {

constexpr std::size_t most_records = 2048, most_bytes = 4u << 20;

/// A record that cannot be stored is no wrong usage: others of the input are stored.
failure failed(const std::string& place, const error_code& code, const std::string& detail) {
  const exit_code how = exit_code_of(code);
  return {how == exit_code::usage ? exit_code::error : how,
          place + ": " + code.message() + (detail.empty() ? "" : ": " + detail)};
}

}  // namespace

record_writer::record_writer(command_ptr call, bucket to, bool if_absent)
    : call_(std::move(call)), to_(std::move(to)), if_absent_(if_absent) {}

asio::awaitable<void> record_writer::add(record one) {
  if (one.op != operation::put || if_absent_) {
    co_await flush();  // the order of two records of the same key counts
    co_await write(std::move(one));
    co_return;
  }
  bytes_ += one.value.size();
  waiting_.push_back(std::move(one));
  if (waiting_.size() >= most_records || bytes_ >= most_bytes) co_await flush();
}

asio::awaitable<void> record_writer::write(record one) {
  error_code error;
  if (one.op == operation::put) {
    auto [refused, at] = co_await to_.create(one.key, one.value, {.diag = &call_->why}, nothrow);
    if (refused == errc::key_exists) ++left_out_;
    if (refused != errc::key_exists) error = refused;
  } else if (one.op == operation::erase) {
    auto [refused, at] = co_await to_.erase(one.key, {.diag = &call_->why}, nothrow);
    error = refused;
  } else {
    auto [refused, at] = co_await to_.purge(one.key, {.diag = &call_->why}, nothrow);
    error = refused;
  }
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error) throw failed(place(to_.name(), one.key), error, call_->why.text);
  ++written_;
}

asio::awaitable<void> record_writer::flush() {
  const std::vector<record> batch = std::exchange(waiting_, {});
  bytes_ = 0;
  if (batch.empty()) co_return;
  std::vector<put_item> items;
  for (const record& each : batch) items.push_back({each.key, each.value});
  const std::vector<put_outcome> outcomes = co_await to_.put_many(item_views(items));
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].ok())
      throw failed(place(to_.name(), batch[i].key), outcomes[i].code(), outcomes[i].detail());
    ++written_;
  }
}

}  // namespace kvco::cli
