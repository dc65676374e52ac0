// Writes metrics in the text format of Prometheus.
#include <kvco/observe/prometheus_text.hpp>

#include <kvco/detail/utf8.hpp>

namespace kvco {
namespace {

void append_escaped(std::string& to, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') to += '\\';
    if (c == '\n') {
      to += "\\n";
    } else {
      to += c;
    }
  }
}

}  // namespace

void prometheus_text::family(std::string_view name, std::string_view type, std::string_view help) {
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void prometheus_text::append_sample(std::string_view name, std::span<const prometheus_label> labels,
                                    std::string_view value) {
  text_ += name;
  for (const prometheus_label& each : labels) {
    text_ += &each == labels.data() ? '{' : ',';
    text_.append(each.name).append("=\"");
    append_escaped(text_, detail::to_utf8(each.value));
    text_ += '"';
  }
  if (!labels.empty()) text_ += '}';
  text_.append(" ").append(value).append("\n");
}

}  // namespace kvco
