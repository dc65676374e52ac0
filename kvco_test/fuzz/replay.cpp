// Runs a fuzz target over its corpus in ordinary builds, so that every input ever found stays a test.
// Each input is also cut short at every length: decoders of a stream meet all of them.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t longest_cut_input = 2048;

std::vector<char> read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A copy of exactly `size` bytes, so that AddressSanitizer sees a read past the end.
void run(const std::vector<char>& input, std::size_t size) {
  const std::vector<std::uint8_t> exact(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  std::size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      const std::vector<char> input = read(entry.path());
      std::printf("%s (%zu bytes)\n", entry.path().filename().c_str(), input.size());
      std::fflush(stdout);  // the last line names the input that crashed
      run(input, input.size());
      const std::size_t cuts = input.size() <= longest_cut_input ? input.size() : 0;
      for (std::size_t size = 0; size < cuts; ++size) run(input, size);
      ++files;
      runs += 1 + cuts;
    }
  }
  std::printf("%zu inputs, %zu runs\n", files, runs);
  return files > 0 ? 0 : 1;  // an empty corpus tests nothing
}
