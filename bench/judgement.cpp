// The parts of the verdicts. See the header.
#include <bench/judgement.hpp>

#include <iomanip>
#include <sstream>

namespace kvco::bench {
namespace {

std::string text(double value, int digits) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

}  // namespace

const row* find(const std::vector<row>& rows, std::string_view work, std::size_t flight, std::size_t count,
                std::string_view transport) {
  for (const row& one : rows) {
    const task& what = one.work.what;
    const bool same_count = count == 0 ? what.value == 128 : what.operations == count;
    if (one.work.target && one.work.transport == transport && what.work == work && what.flight == flight &&
        same_count)
      return &one;
  }
  return nullptr;
}

const row* largest(const std::vector<row>& rows, std::string_view work) {
  const row* found = nullptr;
  for (const row& one : rows) {
    if (!one.work.target || one.work.transport != "nats" || one.work.what.work != work) continue;
    if (found == nullptr || one.work.what.operations > found->work.what.operations) found = &one;
  }
  return found;
}

void judgement::at_least(std::string what, double wanted, std::optional<double> seen,
                         const std::string& unit) {
  add(std::move(what), ">= " + text(wanted, 2) + unit, seen, unit, 2, seen && *seen >= wanted);
}

void judgement::at_most(std::string what, double wanted, std::optional<double> seen, const std::string& unit,
                        int digits) {
  add(std::move(what), "<= " + text(wanted, digits) + unit, seen, unit, digits,
      seen && *seen <= wanted + (digits == 3 ? 0.0005 : 0));
}

void judgement::add(std::string what, std::string wanted, std::optional<double> seen, const std::string& unit,
                    int digits, bool met) {
  all_.push_back(
      {std::move(what), std::move(wanted), seen ? text(*seen, digits) + unit : "not measured", met});
}

both::both(const row* one, std::string_view beside) {
  if (one == nullptr) return;
  kvco = one->of("kvco");
  other = one->of(beside);
  if (kvco == nullptr || other == nullptr || !kvco->good() || !other->good()) kvco = other = nullptr;
}

std::optional<double> both::ratio() const {
  return get([](const measured& k, const measured&) { return k.ratio(); });
}
std::optional<double> both::cpu_ratio() const {
  return get(
      [](const measured& k, const measured& o) { return k.cpu_microseconds() / o.cpu_microseconds(); });
}
std::optional<double> both::allocations() const {
  return get([](const measured& k, const measured&) { return k.allocations(); });
}
std::optional<double> both::grown_megabytes() const {
  return get([](const measured& k, const measured&) { return k.grown_megabytes(); });
}

std::optional<double> quotient(const std::optional<double>& of, const std::optional<double>& by) {
  if (!of || !by) return std::nullopt;
  return *of / *by;
}

}  // namespace kvco::bench
