#include <kvco/messaging/headers.hpp>

#include <algorithm>

namespace kvco {

headers& headers::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
  return *this;
}

headers& headers::set(std::string_view name, std::string_view value) {
  std::string copy(value);  // it may be a value of this name
  std::string of(name);
  erase(of);
  fields_.emplace_back(std::move(of), std::move(copy));
  return *this;
}

std::size_t headers::erase(std::string_view name) {
  return std::erase_if(fields_, [&](const field& each) { return each.first == name; });
}

std::optional<std::string_view> headers::get(std::string_view name) const noexcept {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const field& each) { return each.first == name; });
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [each, value] : fields_) {
    if (each == name) values.push_back(value);
  }
  return values;
}

}  // namespace kvco
