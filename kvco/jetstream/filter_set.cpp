// A trie of filters. Nothing recurses: a filter may have 1500 tokens, and a thread a small stack.
#include <kvco/jetstream/filter_set.hpp>

#include <algorithm>

namespace kvco::jetstream {
namespace {

constexpr std::size_t at_end = std::string_view::npos;  // behind the last token

std::string_view token_at(std::string_view subject, std::size_t at) noexcept {
  const std::size_t dot = subject.find('.', at);
  return subject.substr(at, dot == subject.npos ? dot : dot - at);
}

std::size_t behind(std::string_view subject, std::size_t at) noexcept {
  const std::size_t dot = subject.find('.', at);
  return dot == subject.npos ? at_end : dot + 1;
}

// Whether the tail wildcard is at this place. Anywhere but at the end `>` is an ordinary token.
bool is_tail(std::string_view filter, std::size_t at) noexcept {
  return at + 1 == filter.size() && filter[at] == '>';
}

}  // namespace

std::uint32_t filter_set::child_of(std::uint32_t parent, std::string_view token) const {
  const node& of = nodes_[parent];
  if (token == "*") return of.star;
  const auto found = of.children.find(token);
  return found == of.children.end() ? none : found->second;
}

bool filter_set::add(std::string_view filter, std::uint32_t number) noexcept {
  std::vector<std::uint32_t> way = {0};
  std::size_t at = 0;
  for (; at != at_end && !is_tail(filter, at); at = behind(filter, at)) {
    const std::string_view token = token_at(filter, at);
    std::uint32_t child = child_of(way.back(), token);
    if (child == none) {
      child = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
      node& parent = nodes_[way.back()];
      token == "*" ? void(parent.star = child) : void(parent.children.emplace(token, child));
    }
    way.push_back(child);
  }
  node& last = nodes_[way.back()];
  std::uint32_t& place = at == at_end ? last.end : last.tail;
  if (place != none) return false;
  place = number;
  for (const std::uint32_t each : way) ++nodes_[each].filters;
  return true;
}

void filter_set::remove(std::string_view filter) {
  std::uint32_t here = 0;
  std::size_t at = 0;
  --nodes_[here].filters;
  for (; at != at_end && !is_tail(filter, at); at = behind(filter, at)) {
    const std::string_view token = token_at(filter, at);
    const std::uint32_t child = child_of(here, token);
    if (--nodes_[child].filters == 0) {
      token == "*" ? void(nodes_[here].star = none) : void(nodes_[here].children.erase(token));
      return;
    }
    here = child;
  }
  (at == at_end ? nodes_[here].end : nodes_[here].tail) = none;
}

bool filter_set::matches(std::string_view key) const {
  struct step {
    std::uint32_t at_node;
    std::size_t at;
  };
  std::vector<step> others;  // ways that were left aside
  step now{0, 0};
  while (true) {
    const node& here = nodes_[now.at_node];
    std::uint32_t next = none;
    if (now.at == at_end) {
      if (here.end != none) return true;
    } else {
      if (here.tail != none) return true;
      const auto named =
          here.children.empty() ? here.children.end() : here.children.find(token_at(key, now.at));
      const std::size_t rest = behind(key, now.at);
      next = here.star;
      if (named != here.children.end()) {
        if (next != none) others.push_back({next, rest});
        next = named->second;
      }
      now = {next, rest};
    }
    if (next != none) continue;
    if (others.empty()) return false;
    now = others.back();
    others.pop_back();
  }
}

bool filter_set::is_covered(std::string_view filter) const {
  struct step {
    std::uint32_t at_node;
    std::size_t at;
    bool same;  // the way of the filter itself
  };
  std::vector<step> open = {{0, 0, true}};
  while (!open.empty()) {
    const step now = open.back();
    open.pop_back();
    const node& here = nodes_[now.at_node];
    if (now.at == at_end) {
      if (here.end != none && !now.same) return true;
      continue;
    }
    const bool tail = is_tail(filter, now.at);
    if (here.tail != none && !(tail && now.same)) return true;
    if (tail) continue;
    const std::string_view token = token_at(filter, now.at);
    const std::size_t rest = behind(filter, now.at);
    if (here.star != none) open.push_back({here.star, rest, now.same && token == "*"});
    if (token == "*") continue;
    if (const auto named = here.children.find(token); named != here.children.end()) {
      open.push_back({named->second, rest, now.same});
    }
  }
  return false;
}

// Calls visit(number, covered) for each that overlaps.
template <class Visitor>
void filter_set::visit_overlapping(std::string_view filter, Visitor&& visit) const {
  struct step {
    std::uint32_t at_node;
    std::size_t at;
    bool covered;  // so far
    bool below;    // the filter has its tail above: everything from here on overlaps
  };
  std::vector<step> open = {{0, 0, true, false}};
  while (!open.empty()) {
    const step now = open.back();
    open.pop_back();
    const node& here = nodes_[now.at_node];
    if (now.at == at_end && !now.below) {
      if (here.end != none) visit(here.end, now.covered);
      continue;
    }
    const bool below = now.below || is_tail(filter, now.at);
    if (now.below && here.end != none) visit(here.end, now.covered);
    if (here.tail != none) visit(here.tail, now.covered && below);
    const std::string_view token = below ? "*" : token_at(filter, now.at);
    const std::size_t rest = below ? now.at : behind(filter, now.at);
    const bool any = token == "*";
    if (here.star != none) open.push_back({here.star, rest, now.covered && any, below});
    if (any) {
      for (const auto& [name, child] : here.children) open.push_back({child, rest, now.covered, below});
    } else if (const auto named = here.children.find(token); named != here.children.end()) {
      open.push_back({named->second, rest, now.covered, below});
    }
  }
}

std::optional<std::uint32_t> filter_set::first_across(std::string_view filter) const {
  std::uint32_t first = none;
  visit_overlapping(filter, [&](std::uint32_t number, bool covered) {
    if (!covered) first = std::min(first, number);
  });
  return first == none ? std::nullopt : std::optional(first);
}

std::vector<std::uint32_t> filter_set::covered_by(std::string_view filter) const {
  std::vector<std::uint32_t> all;
  visit_overlapping(filter, [&](std::uint32_t number, bool covered) {
    if (covered) all.push_back(number);
  });
  return all;
}

}  // namespace kvco::jetstream
