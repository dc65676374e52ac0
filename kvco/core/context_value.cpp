// One value of a context or a variable.
#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>

#include <kvco/core/context_value.hpp>
#include <kvco/core/expand_path.hpp>
#include <kvco/detail/concat.hpp>
#include <optional>
#include <utility>

namespace kvco::core {
namespace {

using detail::refusal;
using detail::secret;

// The scheme of a URI in lower case; empty if it has no scheme. One letter is a drive of Windows, not a
// scheme.
std::string scheme_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon < 2) return {};
  std::string scheme(text.substr(0, colon));
  for (char& c : scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const bool letter = scheme[0] >= 'a' && scheme[0] <= 'z';
  const bool good =
      letter && scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == scheme.npos;
  return good ? scheme : std::string();
}

taken_value refuse(refusal why) { return {{}, {}, false, std::move(why)}; }

taken_value content(std::string_view bytes) { return {{}, secret(bytes), true, {}}; }

taken_value take_variable(const written_setting& s, const variable_lookup& variables) {
  const std::string_view name = std::string_view(s.value).substr(std::string_view("env://").size());
  const std::optional<std::string> value = name.empty() ? std::nullopt : variables(name);
  if (!value || value->empty()) return refuse(out_of_range(s, "names a variable (env://) that is not set"));
  return content(*value);
}

// data:[type];base64,<text>
taken_value take_data(const written_setting& s) {
  const std::string_view text = s.value;
  const std::size_t comma = text.find(',');
  if (comma == text.npos || text.substr(0, comma).find(";base64") == text.npos) {
    return refuse(out_of_range(s, "is a data: URI without \";base64,\""));
  }
  const std::string_view encoded = text.substr(comma + 1);
  std::string bytes;
  if (!absl::Base64Unescape(absl::string_view(encoded.data(), encoded.size()), &bytes)) {
    return refuse(out_of_range(s, "is a data: URI whose base64 is malformed"));
  }
  return content(bytes);
}

taken_value take_path(const written_setting& s, const variable_lookup& variables) {
  std::string_view path = s.value;
  if (scheme_of(path) == "file") {
    path.remove_prefix(std::string_view("file:").size());
    if (path.starts_with("//")) path.remove_prefix(2);
  }
  expanded_path expanded = expand_path(path, variables);
  if (expanded.wrong.empty() && expanded.path.empty()) expanded.wrong = "is an empty path";
  if (!expanded.wrong.empty()) return refuse(out_of_range(s, expanded.wrong));
  return {std::move(expanded.path), {}, false, {}};
}

}  // namespace

taken_value take_file(const written_setting& s, const variable_lookup& variables) {
  const std::string scheme = scheme_of(s.value);
  if (scheme.empty() || scheme == "file") return take_path(s, variables);
  return refuse(unsupported(s, "must be the path of a file, and is a URI"));
}

taken_value take_credentials(const written_setting& s, const variable_lookup& variables) {
  const std::string scheme = scheme_of(s.value);
  if (s.value.size() >= 6 && scheme == "env" && s.value.compare(3, 3, "://") == 0) {
    return take_variable(s, variables);
  }
  if (scheme == "data") return take_data(s);
  if (scheme.empty() || scheme == "file") return take_path(s, variables);
  return refuse(unsupported(s, "must be a path, file://, env:// or data:"));
}

taken_value take_literal(const written_setting& s, const variable_lookup& variables) {
  const std::string scheme = scheme_of(s.value);
  const auto is = [&](std::string_view name) {
    return scheme == name && s.value.compare(name.size(), 3, "://") == 0;
  };
  if (is("env")) return take_variable(s, variables);
  if (scheme == "data" && s.value.find(";base64,") != std::string::npos) return take_data(s);
  if (is("file") || is("op") || is("nsc"))
    return refuse(unsupported(s, "must be the value itself, env:// or data:"));
  return content(s.value);
}

detail::refusal out_of_range(const written_setting& s, std::string_view wrong) {
  return {client_error::setting_out_of_range, detail::concat(s.source, " ", wrong)};
}

detail::refusal unsupported(const written_setting& s, std::string_view what) {
  return {client_error::context_unsupported, detail::concat(s.source, " ", what)};
}

}  // namespace kvco::core
