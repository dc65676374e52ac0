#include "problem.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/json/serialize.hpp>

namespace gateway {
namespace {

struct meaning_row {
  kvco::errc meaning;
  unsigned status;
  std::string_view name;
};

constexpr meaning_row rows[] = {
    {kvco::errc::invalid_key, 400, "invalid-key"},
    {kvco::errc::invalid_filter, 400, "invalid-filter"},
    {kvco::errc::invalid_bucket_name, 400, "invalid-bucket-name"},
    {kvco::errc::invalid_argument, 400, "invalid-argument"},
    {kvco::errc::value_too_large, 413, "value-too-large"},
    {kvco::errc::key_exists, 412, "key-exists"},
    {kvco::errc::wrong_last_revision, 412, "wrong-last-revision"},
    {kvco::errc::bucket_not_found, 404, "bucket-not-found"},
    {kvco::errc::bucket_exists, 409, "bucket-exists"},
    {kvco::errc::not_a_bucket, 409, "not-a-bucket"},
    {kvco::errc::read_only, 403, "read-only"},
    {kvco::errc::bucket_full, 507, "bucket-full"},
    {kvco::errc::bucket_deleted, 404, "bucket-deleted"},
    {kvco::errc::bucket_recreated, 409, "bucket-recreated"},
    {kvco::errc::unsupported_by_server, 501, "unsupported-by-server"},
    {kvco::errc::jetstream_not_enabled, 503, "jetstream-not-enabled"},
    {kvco::errc::unavailable, 503, "unavailable"},
    {kvco::errc::permission_denied, 403, "permission-denied"},
    {kvco::errc::timeout, 504, "timeout"},
    {kvco::errc::outcome_unknown, 504, "outcome-unknown"},
    {kvco::errc::connect_failed, 503, "offline"},
    {kvco::errc::authentication_failed, 503, "offline"},
    {kvco::errc::tls_failed, 503, "offline"},
    {kvco::errc::connection_lost, 503, "offline"},
    {kvco::errc::closed, 503, "shutting-down"},
};

struct title_row {
  unsigned status;
  std::string_view title;
};

constexpr title_row titles[] = {{200, "OK"},
                                {201, "Created"},
                                {204, "No Content"},
                                {304, "Not Modified"},
                                {400, "Bad Request"},
                                {401, "Unauthorized"},
                                {403, "Forbidden"},
                                {404, "Not Found"},
                                {405, "Method Not Allowed"},
                                {408, "Request Timeout"},
                                {409, "Conflict"},
                                {412, "Precondition Failed"},
                                {413, "Content Too Large"},
                                {417, "Expectation Failed"},
                                {421, "Misdirected Request"},
                                {431, "Request Header Fields Too Large"},
                                {500, "Internal Server Error"},
                                {501, "Not Implemented"},
                                {502, "Bad Gateway"},
                                {503, "Service Unavailable"},
                                {504, "Gateway Timeout"},
                                {507, "Insufficient Storage"}};

}  // namespace

problem problem_of(const kvco::error_code& error, std::string_view detail) {
  const std::string text = detail.empty() ? error.message() : std::string(detail);
  if (error == asio::error::operation_aborted) return {503, "shutting-down", text};
  const auto meaning = kvco::meaning(error);
  const auto* row = std::find_if(std::begin(rows), std::end(rows), [&](const meaning_row& each) {
    return meaning && each.meaning == *meaning;
  });
  if (row == std::end(rows)) return {502, "server-error", text};
  return {row->status, std::string(row->name), text};
}

std::string_view title_of(unsigned status) noexcept {
  for (const title_row& each : titles) {
    if (each.status == status) return each.title;
  }
  return "Error";
}

boost::json::object object_of(const problem& from) {
  boost::json::object out;
  out["type"] = "urn:kvco:problem:" + from.name;
  out["title"] = title_of(from.status);
  out["status"] = from.status;
  out["detail"] = from.detail;
  return out;
}

response to_response(const problem& from, boost::json::object members) {
  boost::json::object object = object_of(from);
  for (auto& member : members) object[member.key()] = std::move(member.value());
  response out;
  out.status = from.status;
  out.content_type = "application/problem+json";
  out.body = boost::json::serialize(object) + "\n";
  if (from.status == 503) out.fields.emplace_back("Retry-After", "1");
  return out;
}

}  // namespace gateway
