// JetStream's err_codes -> texts and meanings: the codes that replies bring and callers compare.
#include <algorithm>
#include <iterator>
#include <kvco/detail/category.hpp>
#include <kvco/error.hpp>
#include <string_view>

namespace kvco {
namespace {

using boost::system::error_category;
using boost::system::error_condition;

struct known_error {
  int code;
  errc meaning;
  std::string_view text;
};

// The errors that a Key-Value client receives (srv:errors.json). Everything else is a server_error with the
// server's text.
constexpr known_error known_errors[] = {
    {10003, errc::server_error, "bad request"},
    {10008, errc::unavailable, "JetStream system temporarily unavailable"},
    {10014, errc::server_error, "consumer not found"},
    {10023, errc::unavailable, "insufficient resources"},
    {10025, errc::server_error, "invalid JSON or a field unknown to the server"},
    {10037, errc::server_error, "no message found"},
    {10039, errc::jetstream_not_enabled, "JetStream not enabled for account"},
    {10052, errc::server_error, "invalid stream configuration"},
    {10054, errc::value_too_large,
     "message size exceeds maximum allowed (the bucket's max_value_size counts headers too)"},
    {10057, errc::server_error, "message delete not permitted"},
    {10058, errc::bucket_exists, "stream name already in use with a different configuration"},
    {10059, errc::bucket_not_found, "stream not found"},
    {10060, errc::server_error, "expected stream does not match"},
    {10071, errc::wrong_last_revision, "wrong last sequence"},
    {10074, errc::server_error, "replicas > 1 not supported in non-clustered mode"},
    {10076, errc::jetstream_not_enabled, "JetStream not enabled"},
    {10077, errc::bucket_full, "the bucket is full"},
    {10094, errc::server_error, "the consumer's deliver policy contradicts its start or filter"},
    {10118, errc::unavailable, "stream is offline"},
    {10131, errc::server_error, "the consumer's subject and filter differ"},
    {10136, errc::server_error, "consumer cannot have both a filter and a list of filters"},
    {10137, errc::server_error, "consumer with several filters cannot use the subject based API"},
    {10138, errc::server_error, "consumer filters must not overlap"},
    {10139, errc::server_error, "consumer filter must not be empty"},
    {10148, errc::server_error, "consumer already exists"},
    {10158, errc::server_error, "duplicate message id is in process"},
    {10163, errc::unavailable, "last sequence by subject temporarily unavailable"},
    {10164, errc::wrong_last_revision, "wrong last sequence: another write is in flight"},
    {10165, errc::unsupported_by_server, "invalid per-message TTL"},
    {10166, errc::unsupported_by_server, "per-message TTL is disabled (the bucket has no limit_marker_ttl)"},
    {10167, errc::unavailable, "too many requests"},
    {10185, errc::unsupported_by_server, "JetStream minimum API level not met"},
    {10193, errc::server_error, "missing sequence for the expected last sequence's subject"},
    {10227, errc::server_error, "message has a header that only sourced messages may have"},
};
static_assert(std::is_sorted(std::begin(known_errors), std::end(known_errors),
                             [](const known_error& a, const known_error& b) { return a.code < b.code; }));

const known_error* find_error(int code) noexcept {
  const auto* found = std::find_if(std::begin(known_errors), std::end(known_errors),
                                   [code](const known_error& e) { return e.code == code; });
  return found == std::end(known_errors) ? nullptr : found;
}

class jetstream_category_type final : public detail::category {
 public:
  const char* name() const noexcept override { return "jetstream"; }
  error_condition default_error_condition(int value) const noexcept override {
    const known_error* known = find_error(value);
    return make_error_condition(known ? known->meaning : errc::server_error);
  }

 private:
  std::string text(int value) const override {
    const known_error* known = find_error(value);
    return known ? std::string(known->text) : "JetStream error " + std::to_string(value);
  }
};

}  // namespace

const error_category& jetstream_category() noexcept {
  static constexpr jetstream_category_type category;
  return category;
}

}  // namespace kvco
