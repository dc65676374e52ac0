// Any bytes as a context file, as the value of variables, as a name and as a duration: a config that
// connect() takes, or a refusal in plain text.
#include <kvco/core/check_config.hpp>
#include <kvco/core/expand_path.hpp>
#include <kvco/core/go_duration.hpp>
#include <kvco/core/nats_context.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace kvco::core;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

void check(const kvco::detail::refusal& refused) {
  require(refused.detail.size() < 1000);
  require(std::all_of(refused.detail.begin(), refused.detail.end(), is_plain));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const variable_lookup variables = [&](std::string_view name) -> std::optional<std::string> {
    if (name.ends_with('0')) return {};
    return text;
  };
  const read_settings context = read_context(text, text);
  check(context.refused);
  const read_settings read = read_variables(variables);
  check(read.refused);
  for (const nats_settings& settings : {context.settings, overlay(context.settings, read.settings)}) {
    const made_config made = make_config(settings, variables);
    check(made.refused);
    if (!made.refused) require(!check_config(made.value));
  }
  const located_path file = context_file(text, variables);
  check(file.refused);
  require(file.path.empty() == static_cast<bool>(file.refused));
  check({kvco::error_code(), expand_path(text, variables).wrong});
  const auto time = parse_go_duration(text);
  require(!time || *time >= kvco::duration(0));
  selected_context(text);
  return 0;
}
