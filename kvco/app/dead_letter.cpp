// Stores and publishes dead letters.
#include <kvco/app/dead_letter.hpp>

#include <absl/strings/match.h>

#include <algorithm>
#include <cctype>
#include <kvco/app/failure_text.hpp>
#include <kvco/messaging/headers.hpp>
#include <optional>
#include <utility>

namespace kvco::handling {
namespace {

namespace asio = boost::asio;

/// As the value of a header field: without ends of lines.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return text;
}

/// The fields of the message, without those that instruct a stream: an expected revision, a rollup, a time to live.
headers own_fields(const headers& received) {
  headers fields;
  for (const auto& [name, value] : received) {
    if (!absl::StartsWithIgnoreCase(name, "Nats-")) fields.add(name, value);
  }
  return fields;
}

headers describe(const delivery& item, const handler_plan& plan, std::string why) {
  headers fields = own_fields(item.received.headers());
  fields.set("Kvco-Handler", one_line(plan.name)).set("Kvco-Error", one_line(std::move(why)));
  fields.set("Kvco-Attempts", std::to_string(item.context.attempt));
  if (item.stored.key().empty()) {
    fields.set("Kvco-Subject", item.key);
  } else {
    fields.set("Kvco-Bucket", item.stored.bucket()).set("Kvco-Key", item.key);
    fields.set("Kvco-Revision", std::to_string(item.context.revision));
    fields.set("Kvco-Operation", to_string(item.stored.operation()));
  }
  return fields;
}

}  // namespace

std::string dead_letter_key(std::string_view bucket, std::string_view key) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string made(bucket);
  if (!made.empty()) made += '.';
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-/_.").find(c) != std::string_view::npos) {
      made += c;
    } else {
      made += {'=', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return made;
}

asio::awaitable<void> send_dead_letter(std::shared_ptr<app_core> core,
                                       std::shared_ptr<const handler_plan> plan, delivery_ptr item,
                                       std::string why) {
  const bool is_message = item->stored.key().empty();
  const std::string_view bytes = is_message ? item->received.payload() : item->stored.value();
  if (plan->on_error.then == after_failure::dead_letter_key) {
    bucket letters = co_await core->buckets.open(plan->on_error.dead_letter);
    const std::string key = dead_letter_key(item->stored.bucket(), item->key);
    co_await letters.put(key, bytes, {.retry = retry::idempotent});
  } else {
    const headers fields = describe(*item, *plan, std::move(why));
    co_await core->nats.publish(plan->on_error.dead_letter, bytes, {.headers = &fields, .confirm = true});
  }
}

bool may_be_sent_later(const std::exception_ptr& failure) {
  const std::optional<errc> why = meaning(code_of(failure));
  if (!why) return true;  // of the system: memory, a cancellation
  switch (*why) {
    case errc::timeout:
    case errc::outcome_unknown:
    case errc::unavailable:
    case errc::connect_failed:
    case errc::tls_failed:
    case errc::authentication_failed:
    case errc::connection_lost:
    case errc::protocol_error:
    case errc::bucket_full:
    case errc::bucket_not_found:  // it is created again
    case errc::bucket_deleted:
    case errc::bucket_recreated:
    case errc::server_error:
      return true;
    default:
      return false;
  }
}

}  // namespace kvco::handling
