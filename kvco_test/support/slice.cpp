// The environment of slices and seeds, and the lines by which a failure is repeated.
#include <kvco_test/support/slice.hpp>

#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kvco::test {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::uint64_t number_in(const char* name, std::uint64_t otherwise) {
  const std::string_view text = variable(name);
  if (text.empty()) return otherwise;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error(std::string(name) + " is not a number: " + std::string(text));
  }
  return number;
}

std::string options() {
  return (all_cases() ? std::string("--all") : "--slice " + std::to_string(slice_offset())) + " --seed " +
         std::to_string(run_seed());
}

class repetition : public testing::EmptyTestEventListener {
  void OnTestProgramStart(const testing::UnitTest&) override {
    std::printf("generated cases: %s\n", options().c_str());
  }
  // While a part of its result is reported, GoogleTest holds the lock that current_test_info() takes.
  void OnTestStart(const testing::TestInfo& test) override { running_ = &test; }
  void OnTestEnd(const testing::TestInfo&) override { running_ = nullptr; }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed() || running_ == nullptr) return;
    std::printf("to repeat it: kvco_test/run %s --filter '%s\\.%s'\n", options().c_str(),
                running_->test_suite_name(), running_->name());
  }

  const testing::TestInfo* running_ = nullptr;
};

const bool listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new repetition);  // which owns it
  return true;
}();

}  // namespace

std::size_t slice_offset() {
  static const auto offset = static_cast<std::size_t>(number_in("KVCO_SLICE", 0));
  return offset;
}

bool all_cases() {
  static const bool all = variable("KVCO_ALL_CASES") == "1";
  return all;
}

std::uint64_t run_seed() {
  static const std::uint64_t seed = number_in("KVCO_SEED", std::random_device()() % 1'000'000'000);
  return seed;
}

}  // namespace kvco::test
