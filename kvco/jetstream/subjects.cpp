// The one table of JetStream API subjects: the addresses of all API requests.
#include <kvco/jetstream/subjects.hpp>

#include <kvco/detail/concat.hpp>

namespace kvco::jetstream {

using detail::concat;

// Some clients leave `.API` out for a domain, and get no answer (orbit: jetstreamext/getbatch.go:307).
api_subjects::api_subjects(std::string_view domain)
    : prefix_(domain.empty() ? "$JS.API." : concat("$JS.", domain, ".API.")),
      write_prefix_(domain.empty() ? "" : prefix_) {}

api_subjects api_subjects::with_prefix(std::string_view prefix) {
  api_subjects made;
  std::string with_dot = concat(prefix, prefix.ends_with('.') ? "" : ".");
  if (with_dot == made.prefix_) return made;  // it is the plain one: writes have no prefix
  made.prefix_ = made.write_prefix_ = std::move(with_dot);
  return made;
}

std::string api_subjects::of(std::string_view request) const { return concat(prefix_, request); }

std::string api_subjects::account_info() const { return concat(prefix_, "INFO"); }

std::string api_subjects::stream_create(std::string_view stream) const {
  return concat(prefix_, "STREAM.CREATE.", stream);
}

std::string api_subjects::stream_update(std::string_view stream) const {
  return concat(prefix_, "STREAM.UPDATE.", stream);
}

std::string api_subjects::stream_info(std::string_view stream) const {
  return concat(prefix_, "STREAM.INFO.", stream);
}

std::string api_subjects::stream_delete(std::string_view stream) const {
  return concat(prefix_, "STREAM.DELETE.", stream);
}

std::string api_subjects::stream_purge(std::string_view stream) const {
  return concat(prefix_, "STREAM.PURGE.", stream);
}

std::string api_subjects::stream_names() const { return concat(prefix_, "STREAM.NAMES"); }

std::string api_subjects::stream_list() const { return concat(prefix_, "STREAM.LIST"); }

std::string api_subjects::message_get(std::string_view stream) const {
  return concat(prefix_, "STREAM.MSG.GET.", stream);
}

std::string api_subjects::direct_get(std::string_view stream) const {
  return concat(prefix_, "DIRECT.GET.", stream);
}

std::string api_subjects::direct_get_last(std::string_view stream, std::string_view subject) const {
  return concat(prefix_, "DIRECT.GET.", stream, ".", subject);
}

std::string api_subjects::consumer_create(std::string_view stream, std::string_view name,
                                          std::string_view filter) const {
  // The server compares a filter here with filter_subject (10131) and refuses one beside a list (10137).
  return concat(prefix_, "CONSUMER.CREATE.", stream, ".", name, filter.empty() ? "" : ".", filter);
}

std::string api_subjects::consumer_delete(std::string_view stream, std::string_view name) const {
  return concat(prefix_, "CONSUMER.DELETE.", stream, ".", name);
}

std::string api_subjects::as_published(std::string_view mapped) const {
  if (write_prefix_.empty()) return {};
  constexpr std::string_view plain = "$JS.API.";
  if (mapped.starts_with(plain)) mapped.remove_prefix(plain.size());
  return concat(prefix_, mapped);
}

std::string stream_name(std::string_view bucket) { return concat("KV_", bucket); }

std::string key_prefix(std::string_view bucket) { return concat("$KV.", bucket, "."); }

std::string_view bucket_of_stream(std::string_view stream) noexcept {
  return stream.starts_with("KV_") ? stream.substr(3) : std::string_view();
}

}  // namespace kvco::jetstream
