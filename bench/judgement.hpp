// The parts of the verdicts: a list of targets, and rows by their work.
#pragma once

#include <bench/targets.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::bench {

inline constexpr auto floors = " x floor";

/// The row of a target; nullptr: it was not measured.
/// @param count  its operations; 0: as many as take some time, with values of 128 bytes
const row* find(const std::vector<row>& rows, std::string_view work, std::size_t flight, std::size_t count,
                std::string_view transport = "nats");
/// The row of this work with the most operations.
const row* largest(const std::vector<row>& rows, std::string_view work);

class judgement {
 public:
  void at_least(std::string what, double wanted, std::optional<double> seen, const std::string& unit);
  void at_most(std::string what, double wanted, std::optional<double> seen, const std::string& unit,
               int digits = 2);
  std::vector<target> take() { return std::move(all_); }

 private:
  void add(std::string what, std::string wanted, std::optional<double> seen, const std::string& unit,
           int digits, bool met);

  std::vector<target> all_;
};

/// kvco and another contestant of a row, if both were measured.
struct both {
  const measured *kvco = nullptr, *other = nullptr;

  explicit both(const row* one, std::string_view beside = "floor");

  template <class Function>
  std::optional<double> get(Function&& function) const {
    if (kvco == nullptr) return std::nullopt;
    return function(*kvco, *other);
  }
  std::optional<double> ratio() const;  ///< to the floor
  std::optional<double> cpu_ratio() const;
  std::optional<double> allocations() const;
  std::optional<double> grown_megabytes() const;
};

/// A quotient, if there are both.
std::optional<double> quotient(const std::optional<double>& of, const std::optional<double>& by);

void judge_layers(judgement& all, const std::vector<row>& rows);

}  // namespace kvco::bench
