// Where a config comes from besides the program: reads the files and variables, core/nats_context decides.
#include <kvco/auth/load_config.hpp>

#include <cstdlib>
#include <kvco/core/nats_context.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/explain.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/detail/read_file.hpp>
#include <optional>
#include <string>
#include <utility>

namespace kvco {
namespace {

using detail::concat;
using detail::refusal;

void refuse(const refusal& why) {
  if (why) detail::throw_error(why.code, why.detail);
}

std::optional<std::string> variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return {};
  return value;
}

core::nats_settings load_context(std::string_view name) {
  core::located_path file = core::context_file(name, variable);
  refuse(file.refused);
  detail::read_text read = detail::read_file(file.path);
  if (read.missing) {
    refuse({client_error::context_not_found, concat(detail::printable(name), ", ", read.refused.detail)});
  }
  refuse(read.refused);
  core::read_settings settings = core::read_context(read.text.view(), file.path);
  refuse(settings.refused);
  return std::move(settings.settings);
}

// Empty: none is selected. A file that is there and cannot be read is an error, not a reason to connect
// elsewhere.
std::string selected_name(const std::string& file) {
  const detail::read_text read = detail::read_file(file);
  if (read.missing) return {};
  refuse(read.refused);
  return std::string(core::selected_context(read.text.view()));
}

core::nats_settings settings_of_variables() {
  core::read_settings read = core::read_variables(variable);
  refuse(read.refused);
  return std::move(read.settings);
}

config make(const core::nats_settings& settings) {
  core::made_config made = core::make_config(settings, variable);
  refuse(made.refused);
  return std::move(made.value);
}

// The context below the variables: the one that is named, else the one that is selected, else none.
core::nats_settings context_of_environment() {
  if (const auto named = variable("NATS_CONTEXT"); named && !named->empty()) return load_context(*named);
  const core::located_path directory = core::nats_directory(variable);
  if (directory.refused) return {};  // a service without a home has no contexts
  const std::string selected = selected_name(directory.path + "/context.txt");
  return selected.empty() ? core::nats_settings() : load_context(selected);
}

}  // namespace

config config_from_context(std::string_view name) {
  if (!name.empty()) return make(load_context(name));
  const core::located_path directory = core::nats_directory(variable);
  refuse(directory.refused);
  const std::string file = directory.path + "/context.txt";
  const std::string selected = selected_name(file);
  if (selected.empty()) {
    refuse({client_error::context_not_found, concat("none is selected in ", detail::printable(file))});
  }
  return make(load_context(selected));
}

config config_from_environment() {
  const core::nats_settings variables = settings_of_variables();
  return make(core::overlay(context_of_environment(), variables));
}

config config_from_variables() { return make(core::overlay({}, settings_of_variables())); }

}  // namespace kvco
