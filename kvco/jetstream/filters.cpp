// Wildcards: the subjects that a filter matches, and which filters to request from the server.
#include <kvco/jetstream/filter_set.hpp>
#include <kvco/jetstream/keys.hpp>

#include <algorithm>
#include <deque>

namespace kvco::jetstream {
namespace {

// Takes tokens off a subject from the left. An empty subject is one empty token, as in NATS.
class tokens {
 public:
  explicit tokens(std::string_view subject) : rest_(subject) {}

  bool done() const noexcept { return done_; }
  // Is this the last token?
  bool last() const noexcept { return rest_.find('.') == rest_.npos; }
  // The token, without taking it.
  std::string_view peek() const noexcept { return rest_.substr(0, rest_.find('.')); }
  void pop() noexcept {
    const std::size_t dot = rest_.find('.');
    done_ = dot == rest_.npos;
    if (!done_) rest_.remove_prefix(dot + 1);
  }
  // Whether the tail wildcard is at this place. Anywhere but at the end `>` is an ordinary token.
  bool at_tail() const noexcept { return rest_ == ">"; }

 private:
  std::string_view rest_;
  bool done_ = false;
};

// The filter that matches every subject that `a` or `b` match: token by token, `*` where they differ, and `>`
// where they end at different places. Of a filter and one that it covers, this is the filter itself.
std::string common_ancestor(std::string_view a, std::string_view b) {
  std::string ancestor;
  for (tokens x(a), y(b); !x.done(); x.pop(), y.pop()) {
    if (!ancestor.empty()) ancestor += '.';
    if (x.at_tail() || y.at_tail() || x.last() != y.last()) return ancestor + '>';
    ancestor += x.peek() == y.peek() ? x.peek() : "*";
  }
  return ancestor;
}

// The filters without those that another one covers; of equal ones the first stays.
std::vector<std::string> without_covered(std::span<const std::string> filters) {
  filter_set all;
  std::vector<bool> is_first;
  for (const std::string& filter : filters) is_first.push_back(all.add(filter, 0));
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    if (is_first[i] && !all.is_covered(filters[i])) kept.push_back(filters[i]);
  }
  return kept;
}

// The filters with overlapping ones replaced by their common ancestor, until none overlap: the first that overlaps first. One that
// is covered changes nothing, so it goes at the end.
std::vector<std::string> without_overlaps(const std::vector<std::string>& filters) {
  std::deque<std::string> apart;  // by number; including replaced ones, because the set has views of them
  std::vector<bool> is_left;
  filter_set open;
  const auto take = [&](std::uint32_t number) {
    open.remove(apart[number]);
    is_left[number] = false;
  };
  for (std::string filter : filters) {
    while (const auto other = open.first_across(filter)) {
      take(*other);
      filter = common_ancestor(filter, apart[*other]);  // wider, so one that was apart may overlap it now
    }
    for (const std::uint32_t covered : open.covered_by(filter)) take(covered);
    apart.push_back(std::move(filter));
    is_left.push_back(true);
    open.add(apart.back(), static_cast<std::uint32_t>(apart.size() - 1));
  }
  std::vector<std::string> left;
  for (std::size_t i = 0; i < apart.size(); ++i) {
    if (is_left[i]) left.push_back(std::move(apart[i]));
  }
  return left;
}

}  // namespace

bool matches(std::string_view filter, std::string_view key) noexcept {
  for (tokens f(filter), k(key);; f.pop(), k.pop()) {
    if (f.done() || k.done()) return f.done() && k.done();
    if (f.at_tail()) return true;
    if (f.peek() != "*" && f.peek() != k.peek()) return false;
  }
}

bool covers(std::string_view outer, std::string_view inner) noexcept {
  for (tokens o(outer), i(inner);; o.pop(), i.pop()) {
    if (o.done() || i.done()) return o.done() && i.done();
    if (o.at_tail()) return true;
    if (i.at_tail()) return false;
    if (o.peek() != "*" && o.peek() != i.peek()) return false;
  }
}

bool overlaps(std::string_view a, std::string_view b) noexcept {
  for (tokens x(a), y(b);; x.pop(), y.pop()) {
    if (x.done() || y.done()) return x.done() && y.done();
    if (x.at_tail() || y.at_tail()) return true;
    if (x.peek() != "*" && y.peek() != "*" && x.peek() != y.peek()) return false;
  }
}

filter_plan plan_filters(std::span<const std::string> filters, bool lists) {
  filter_plan plan;
  std::vector<std::string> wanted = without_covered(filters);
  plan.server = without_overlaps(wanted);
  if (!lists && plan.server.size() > 1) {
    std::string all = plan.server.front();
    for (const std::string& filter : plan.server) all = common_ancestor(all, filter);
    plan.server = {std::move(all)};
  }
  if (plan.server.size() != wanted.size()) plan.client = std::move(wanted);
  return plan;
}

}  // namespace kvco::jetstream
