// How far a call is. See the header.
#include <kvco/cli/output.hpp>
#include <kvco/cli/progress.hpp>
#include <kvco/cli/texts.hpp>

#include <algorithm>
#include <iostream>
#include <utility>

#include <unistd.h>

namespace kvco::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_bar = 30, shortest_bar = 5;

std::string bar(std::uint64_t done, std::uint64_t total, std::size_t width) {
  const double part = total == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto full = static_cast<std::size_t>(part * static_cast<double>(width));
  std::string out(full, '=');
  if (full < width) out += '>';
  out.resize(width, ' ');
  return "[" + out + "] " + std::to_string(static_cast<int>(part * 100)) + " % ";
}

}  // namespace

std::string progress_line(std::string_view doing, std::uint64_t done, std::optional<std::uint64_t> total,
                          std::chrono::duration<double> elapsed, std::size_t width) {
  const double rate = elapsed.count() > 0 ? static_cast<double>(done) / elapsed.count() : 0;
  std::string counted = with_commas(done);
  if (total) counted += " of " + with_commas(*total);
  counted += ", " + with_commas(static_cast<std::uint64_t>(rate)) + "/s";
  const std::string begin = std::string(doing) + " ";
  const std::size_t taken = begin.size() + counted.size() + sizeof "[] 100 % ";
  if (!total || (width != 0 && taken + shortest_bar > width)) return cut_to(begin + counted, width);
  const std::size_t room = width == 0 ? longest_bar : std::min(longest_bar, width - taken);
  return begin + bar(done, *total, room) + counted;
}

progress::progress(std::string doing, std::optional<std::uint64_t> total)
    : doing_(std::move(doing)),
      total_(total),
      begin_(std::chrono::steady_clock::now()),
      next_(begin_ + 1s),
      is_terminal_(::isatty(STDERR_FILENO) == 1) {}

progress::~progress() {
  if (is_drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

void progress::advance(std::uint64_t by) {
  done_ += by;
  if (is_terminal_ && std::chrono::steady_clock::now() >= next_) draw();
}

void progress::draw() {
  const auto now = std::chrono::steady_clock::now();
  next_ = now + 100ms;
  is_drawn_ = true;
  const std::size_t width = width_of_terminal(STDERR_FILENO);
  std::cerr << "\r\x1b[K" << progress_line(doing_, done_, total_, now - begin_, width == 0 ? 0 : width - 1)
            << std::flush;
}

}  // namespace kvco::cli
