#include <kvco_test/readme/test_tags.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <algorithm>
#include <filesystem>
#include <regex>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;

bool is_cmake(const source_file& file) {
  return file.path.ends_with("CMakeLists.txt") || file.path.ends_with(".cmake");
}

struct split_line {
  std::string code, comment;  // without the sign that begins it
};

split_line split(const source_file& file, const std::string& line) {
  const std::string sign = is_cmake(file) ? "#" : "//";
  for (std::size_t at = line.find(sign); at != std::string::npos; at = line.find(sign, at + 1)) {
    const auto begin = line.begin(), here = begin + static_cast<std::ptrdiff_t>(at);
    if (std::count(begin, here, '"') % 2 == 0) return {line.substr(0, at), line.substr(at + sign.size())};
  }
  return {line, ""};
}

bool is_blank(const std::string& text) { return text.find_first_not_of(' ') == std::string::npos; }

std::vector<std::string> words_of(std::string text) {
  std::istringstream in(std::move(text));
  return {std::istream_iterator<std::string>(in), {}};
}

/// What stands in the parentheses of each call of `function`: places of `text`, first and behind the last.
std::vector<std::pair<std::size_t, std::size_t>> calls_of(const std::string& text,
                                                          const std::string& function) {
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (std::size_t at = 0; (at = text.find(function + "(", at)) != std::string::npos;) {
    const bool begins = at == 0 || text[at - 1] == '\n' || text[at - 1] == ' ';
    at += function.size() + 1;
    if (begins) all.emplace_back(at, std::min(text.find(')', at), text.size()));
  }
  return all;
}

std::vector<std::string> arguments_of(const std::string& text, std::pair<std::size_t, std::size_t> call) {
  return words_of(text.substr(call.first, call.second - call.first));
}

/// As add_test() has them, perhaps with variables.
std::vector<std::string> names_of_tests(const std::string& cmake) {
  std::vector<std::string> names;
  for (const auto& call : calls_of(cmake, "add_test")) {
    const std::vector<std::string> words = arguments_of(cmake, call);
    if (words.size() > 1 && words[0] == "NAME") names.push_back(words[1]);
  }
  return names;
}

/// Whatever its word is.
bool is_tag(const std::string& comment) {
  static const std::regex tag(" [a-z]+: [A-Z]*[0-9]+([.][0-9]+)?(, [A-Z]*[0-9]+([.][0-9]+)?)*");
  return std::regex_match(comment, tag);
}

/// Tags for several tables stand one below the other: one that does not begin as this table's do.
bool is_other_tag(const source_file& file, std::size_t line, const std::string& begin) {
  const auto [code, comment] = split(file, file.lines[line]);
  return is_blank(code) && is_tag(comment) && !comment.starts_with(begin);
}

/// What was meant as a tag, well written or not.
std::regex attempts_at(const std::string& word) {
  return std::regex("[/#\\s]*" + word + "s?(\\s*:|\\s+[A-Z]*[0-9]).*", std::regex::icase);
}

}  // namespace

std::vector<source_file> test_sources() {
  std::vector<source_file> all;
  for (const auto& entry : fs::recursive_directory_iterator(source_root / "kvco_test")) {
    const fs::path& path = entry.path();
    const fs::path kind = path.extension();
    if (kind != ".cpp" && kind != ".hpp" && kind != ".cmake" && path.filename() != "CMakeLists.txt") continue;
    const std::string file = path.lexically_relative(source_root).generic_string();
    all.push_back({file, lines_of(text_of(file))});
  }
  std::ranges::sort(all, {}, &source_file::path);
  return all;
}

tagged_tests::tagged_tests(std::vector<source_file> sources) : sources_(std::move(sources)) {
  for (const source_file& file : sources_) {
    if (is_cmake(file)) read_cmake(file);
  }
  all_ = added_;
  for (const source_file& file : sources_) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (std::string& test : tests_at(file, i)) all_.insert(std::move(test));
    }
  }
}

void tagged_tests::read_cmake(const source_file& file) {
  std::string text;
  for (const std::string& line : file.lines) text += split(file, line).code + "\n";
  const fs::path folder = fs::path(file.path).parent_path();
  for (const auto* function : {"kvco_add_test", "add_executable"}) {
    for (const auto& call : calls_of(text, function)) {
      const std::vector<std::string> words = arguments_of(text, call);
      for (const std::string& word : words) {
        if (!word.ends_with("_test.cpp")) continue;
        const std::string source = (folder / word).lexically_normal().generic_string();
        executables_[source].push_back(words.front());
        if (std::ranges::find(sources_, source, &source_file::path) == sources_.end())
          problems_.push_back(file.path + ": there is no " + source);
      }
    }
  }
  for (const auto& loop : calls_of(text, "foreach")) {
    const std::vector<std::string> words = arguments_of(text, loop);
    if (words.size() < 3 || words[1] != "IN" || words[2] != "ITEMS") continue;
    const std::string body = text.substr(loop.second, text.find("endforeach", loop.second) - loop.second);
    const std::string variable = "${" + words[0] + "}";
    for (const std::string& pattern : names_of_tests(body)) {
      const std::size_t place = pattern.find(variable);
      if (place == std::string::npos) continue;
      for (std::size_t i = 3; i < words.size(); ++i)
        added_.insert("ctest: " + std::string(pattern).replace(place, variable.size(), words[i]));
    }
  }
  for (const std::string& name : names_of_tests(text)) {
    if (name.find('$') == std::string::npos) added_.insert("ctest: " + name);
  }
}

std::vector<std::string> tagged_tests::tests_at(const source_file& file, std::size_t line) const {
  static const std::regex macro("(?:TYPED_)?TEST(?:_F|_P)?\\(\\s*(\\w+),\\s*(?!DISABLED_)(\\w+)\\).*"),
      chaos("\\s*\\{\"([^\"]+)\", [0-9.]+, .*");
  std::string text = file.lines[line];
  if (text.ends_with(',') && line + 1 < file.lines.size()) text += file.lines[line + 1];  // too long for one
  std::smatch parts;
  if (is_cmake(file)) {
    const std::vector<std::string> names = names_of_tests(split(file, text).code);
    if (names.empty() || names[0].find('$') != std::string::npos) return {};
    return {"ctest: " + names[0]};
  }
  if (file.path == "kvco_test/chaos/faults.cpp") {
    if (!std::regex_match(text, parts, chaos)) return {};
    return {"chaos: " + parts[1].str()};
  }
  if (text.find(" LLVMFuzzerTestOneInput(") != std::string::npos) {
    const std::string name = "ctest: fuzz_" + fs::path(file.path).stem().string() + ".corpus";
    return added_.contains(name) ? std::vector{name} : std::vector<std::string>{};
  }
  const auto executables = executables_.find(file.path);
  if (executables == executables_.end() || !std::regex_match(text, parts, macro)) return {};
  std::vector<std::string> tests;
  for (const std::string& executable : executables->second)
    tests.push_back(executable + ": " + parts[1].str() + "." + parts[2].str());
  return tests;
}

test_tags tagged_tests::tagged(const std::string& word) const {
  test_tags out;
  const std::string begin = " " + word + ": ";
  const std::regex attempt = attempts_at(word);
  for (const source_file& file : sources_) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].find(is_cmake(file) ? "#" : "//") == std::string::npos) continue;
      const auto [code, comment] = split(file, file.lines[i]);
      if (!std::regex_match(comment, attempt)) continue;
      test_tag tag{file.path + ":" + std::to_string(i + 1), {}, {}};
      if (!is_tag(comment) || !comment.starts_with(begin)) {
        out.problems.push_back(tag.where + ": a tag is written `" + word + ": 1, 2`, not `" + comment + "`");
        continue;
      }
      std::string ids = comment.substr(begin.size());
      std::ranges::replace(ids, ',', ' ');
      tag.ids = words_of(ids);
      std::size_t beside = is_blank(code) ? i + 1 : i;
      while (beside < file.lines.size() && is_other_tag(file, beside, begin)) ++beside;
      if (beside < file.lines.size()) tag.tests = tests_at(file, beside);
      if (tag.tests.empty()) {
        out.problems.push_back(tag.where + ": the tag stands beside no test");
      } else {
        out.found.push_back(std::move(tag));
      }
    }
  }
  return out;
}

}  // namespace kvco::test
