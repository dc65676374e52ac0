// Many short texts in one block of memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace kvco::detail {

/// Copies of texts, of which the sizes are known before: two allocations for all of them. Moving leaves views valid.
class texts {
 public:
  texts() noexcept = default;
  texts(std::size_t count, std::size_t total_size) : block_(new char[total_size]), end_(block_.get()) {
    views_.reserve(count);
  }
  void add(std::string_view text) {
    char* begin = end_;
    end_ = std::copy(text.begin(), text.end(), begin);
    views_.emplace_back(begin, text.size());
  }

  std::size_t size() const noexcept { return views_.size(); }
  bool empty() const noexcept { return views_.empty(); }
  std::string_view operator[](std::size_t i) const noexcept { return views_[i]; }

 private:
  std::unique_ptr<char[]> block_;
  std::vector<std::string_view> views_;
  char* end_ = nullptr;
};

}  // namespace kvco::detail
