// A value that is in the bucket, or in another one, is stored again.
#include <kvco/kv/rewrite.hpp>

#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/multi_step_write.hpp>
#include <kvco/kv/read_operation.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// The leader's message, a value or a tombstone; nothing: it has no such message.
asio::awaitable<std::optional<entry>> read_at_leader(bucket_ptr bucket, std::string body,
                                                     core::time_point until, progress* done) {
  const api_reply reply = co_await ask_leader(bucket, std::move(body), until, done);
  done->end(false);
  const auto found = take_value(*bucket, jetstream::parse_message_get(reply.payload, bucket->key_prefix));
  if (!found) co_return std::nullopt;
  detail::entry_fields fields = found->fields;
  fields.bucket = bucket->name;
  co_return entry(fields);
}

// The first request of this write, and those after it.
asio::awaitable<revision> write_value(bucket_ptr bucket, write_request asked, std::string key,
                                      std::string value, core::time_point until, progress* done) {
  asked.key = key;
  asked.value = value;
  std::string id = asked.retry == retry::idempotent ? bucket->session->message_id() : std::string();
  unfinished_write write(bucket, asked, std::move(id), client_error::timeout, bucket->session->now(), until,
                         done);
  co_return co_await write_in_steps(std::move(write));
}

bool is_value(const std::optional<entry>& e) noexcept { return e && e->operation() == operation::put; }

}  // namespace

asio::awaitable<std::optional<revision>> revert_key(bucket_ptr bucket, std::string key, revision to,
                                                    revert_options options, progress* done) {
  const core::time_point until = deadline_of(*bucket->session, options.timeout);
  refuse(jetstream::check_key(key));
  refuse(check_revision(to));
  co_await ensure_writable(bucket, until, done);
  const std::string subject = bucket->key_prefix + key;
  const auto last = co_await read_at_leader(bucket, jetstream::last_by_subject_request(subject), until, done);
  if (!last || last->revision() < to) co_return std::nullopt;
  if (last->revision() == to) co_return is_value(last) ? std::optional(to) : std::nullopt;
  const auto old = co_await read_at_leader(bucket, jetstream::by_sequence_request(to), until, done);
  if (!is_value(old) || old->key() != key) co_return std::nullopt;
  write_request asked;
  asked.expected = last->revision();
  asked.retry = options.retry;
  std::string value(old->value());
  co_return co_await write_value(bucket, asked, std::move(key), std::move(value), until, done);
}

asio::awaitable<std::optional<revision>> copy_key(bucket_ptr from, std::string key, bucket_ptr to,
                                                  std::string to_key, copy_options options, progress* done) {
  const core::time_point until = deadline_of(*to->session, options.timeout);
  refuse(jetstream::check_readable_key(key));
  refuse(jetstream::check_key(to_key));
  if (from->session->executor() != to->session->executor()) {
    throw failure(client_error::options_conflict, "the buckets are of clients with different executors");
  }
  co_await ensure_writable(to, until, done);
  const auto found = co_await read_newest(from, std::move(key), until, done);
  if (!is_value(found)) co_return std::nullopt;
  write_request asked;
  if (!options.overwrite) asked.expected = 0;
  asked.create = !options.overwrite;
  asked.retry = options.retry;
  std::string value(found->value());
  co_return co_await write_value(to, asked, std::move(to_key), std::move(value), until, done);
}

}  // namespace kvco::kv
