// How far a call is, on a terminal, once it takes longer than a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kvco::cli {

/// "importing [=====>     ] 45 % 1,234 of 2,743, 812/s", or without a bar if the total is not known.
std::string progress_line(std::string_view doing, std::uint64_t done, std::optional<std::uint64_t> total,
                          std::chrono::duration<double> elapsed, std::size_t width);

/// Draws on standard error, if that is a terminal, at most ten times a second. Its destructor clears the line.
class progress {
 public:
  explicit progress(std::string doing, std::optional<std::uint64_t> total = std::nullopt);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void advance(std::uint64_t by = 1);

 private:
  void draw();

  std::string doing_;
  std::optional<std::uint64_t> total_;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point begin_, next_;
  bool is_terminal_, is_drawn_ = false;
};

}  // namespace kvco::cli
