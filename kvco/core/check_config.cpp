// The ranges of a client's settings, checked before connect() does anything.
#include <kvco/core/check_config.hpp>

#include <algorithm>
#include <chrono>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <string_view>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;
using detail::concat;
using detail::refusal;

// Longest domain and inbox prefix: jetstream::max_key_size counts on it.
constexpr std::size_t max_name = 128;

bool is_control(char c) noexcept { return (c >= 0 && c < 0x20) || c == 0x7f; }
bool has_control(std::string_view text) { return std::any_of(text.begin(), text.end(), is_control); }

// What would end a subject, or match others.
bool is_plain_subject(std::string_view text) {
  if (text.empty() || text.size() > max_name || has_control(text)) return false;
  if (text.find_first_of(" *>") != text.npos) return false;
  return text.front() != '.' && text.back() != '.' && text.find("..") == text.npos;
}

refusal refuse(std::string_view setting, std::string_view must) {
  return {client_error::setting_out_of_range, concat(setting, " must ", must)};
}

refusal refuse(std::string_view setting, std::string_view must, std::int64_t value,
               std::string_view unit = "") {
  return refuse(setting, concat(must, ", not ", std::to_string(value), unit));
}

refusal check_times(const config& settings) {
  struct row {
    std::string_view name;
    duration value, least;
    std::string_view must;
  };
  const row rows[] = {
      {"timeout", settings.timeout(), 1ns, "be more than 0"},
      {"connect_timeout", settings.connect_timeout(), 1ns, "be more than 0"},
      {"ping_interval", settings.ping_interval(), 10ms, "be at least 10 ms"},
      {"the first reconnect_delay", settings.reconnect_first(), 1ns, "be more than 0"},
      {"the most reconnect_delay", settings.reconnect_most(), settings.reconnect_first(),
       "be at least the first"},
  };
  for (const row& r : rows) {
    if (r.value < r.least) return refuse(r.name, r.must, r.value.count(), " ns");
  }
  return {};
}

refusal check_texts(const config& settings) {
  struct row {
    std::string_view name, value;
  };
  const row rows[] = {{"name", settings.name()},
                      {"user", settings.user()},
                      {"password", settings.password()},
                      {"token", settings.token()}};
  for (const row& r : rows) {
    if (has_control(r.value)) return refuse(r.name, "not contain control characters");
  }
  return {};
}

refusal check_subjects(const config& settings) {
  if (!is_plain_subject(settings.inbox_prefix())) {
    return refuse("inbox_prefix", concat("be a subject without wildcards of at most 128 bytes, not ",
                                         detail::printable(settings.inbox_prefix())));
  }
  const std::string& domain = settings.domain();
  if (!domain.empty() && (!is_plain_subject(domain) || domain.find('.') != domain.npos)) {
    return refuse("domain",
                  concat("be one token of a subject of at most 128 bytes, not ", detail::printable(domain)));
  }
  return {};
}

}  // namespace

refusal check_config(const config& settings) {
  if (refusal times = check_times(settings)) return times;
  if (refusal texts = check_texts(settings)) return texts;
  if (refusal subjects = check_subjects(settings)) return subjects;
  if (settings.max_pings_out() < 1) {
    return refuse("max_pings_out", "be at least 1", settings.max_pings_out());
  }
  if (settings.write_buffer() < 4096) {
    return refuse("write_buffer", "be at least 4096", static_cast<std::int64_t>(settings.write_buffer()),
                  " bytes");
  }
  return {};
}

}  // namespace kvco::core
