// The command `kvco`, from its start to its exit.
#include <bench/kvco_contestant.hpp>
#include <bench/program.hpp>

#include <filesystem>
#include <stdexcept>

namespace kvco::bench::kvco_works_of {
namespace {

// Where the build puts it.
std::string command_file() {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto file = self.parent_path().parent_path() / "kvco/cli/kvco";
  if (!std::filesystem::exists(file)) throw not_offered("the command was not built (Debian: libcli11-dev)");
  return file.string();
}

}  // namespace

outcome command_get(const task& what) {
  return run_gets({command_file(), "get", std::string(bucket_name), "--raw"}, what);
}

outcome command_export(const task& what) {
  const scratch_file lines;
  const outcome result = measure_programs(what.operations, [&] {
    run_program({command_file(), "export", std::string(bucket_name)}, -1, lines.descriptor());
  });
  if (lines.count_lines() != what.keys) throw std::runtime_error("export: not a line for each key");
  return result;
}

// That all of them were stored is its exit code.
outcome command_import(const task& what) {
  const scratch_file lines;
  const std::string rest = R"(","value":")" + std::string(what.value, 'v') + "\"}\n";
  std::string block;
  for (std::size_t i = 0; i < what.operations; ++i) {
    block += R"({"key":")" + key_name(i) + rest;
    if (block.size() < (1u << 20)) continue;
    lines.append(block);
    block.clear();
  }
  lines.append(block);
  lines.rewind();
  return measure_programs(what.operations, [&] {
    run_program({command_file(), "import", std::string(bucket_name)}, lines.descriptor());
  });
}

}  // namespace kvco::bench::kvco_works_of
