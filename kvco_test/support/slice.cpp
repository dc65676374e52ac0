// The environment of slices and seeds.
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

class announcement : public testing::EmptyTestEventListener {
  void OnTestProgramStart(const testing::UnitTest&) override {
    const std::string cases = all_cases() ? "--all" : "--slice " + std::to_string(slice_offset());
    std::printf("generated cases: %s --seed %s\n", cases.c_str(), std::to_string(run_seed()).c_str());
  }
};

const bool listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new announcement);  // which owns it
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
