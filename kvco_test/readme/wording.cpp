#include <kvco_test/readme/wording.hpp>

#include <algorithm>
#include <cctype>
#include <span>
#include <sstream>
#include <string_view>

namespace kvco::test {
namespace {

/// Words that follow each other, each with its alternatives.
struct habit {
  std::string_view words;
  std::string_view instead;
  std::string_view unless = {};  // one of these follows: then it is right
};

constexpr habit habits[] = {
    {"tell|tells|told|telling", "reports, returns, notifies, distinguishes"},
    {"say|says|said|saying", "reports, states, returns, describes"},
    {"hear|hears|heard", "receives, is notified"},
    {"stand|stands|stood", "is established, is set, is written, is", "for"},
    {"nobody|somebody|whoever", "no client, another user, a server"},
    {"is|are|was|were none", "has no, does not exist", "of"},
    {"so many|often", "the (maximum) number of, the interval between", "that"},
    {"so long", "that time, the duration of", "as|that"},
    {"anew", "again"},
    {"for ever", "indefinitely, permanently"},
    {"forever", "indefinitely, permanently"},
    {"on its|their|his|the way", "in flight, in between"},
    {"of yours|theirs|ours", "your, their, our"},
    {"also when|where|if", "even if"},
    {"behind it|them", "after"},
    {"behind its last", "after"},
    {"without a word", "silently"},
};

/// Verbs that ask, or answer: "shows what is missing".
constexpr std::string_view asking =
    "ask|asks|check|checks|decide|decides|define|defines|describe|describes|determine|determines|exactly|"
    "explain|explains|"
    "know|knows|list|lists|matter|print|prints|report|reports|see|sees|show|shows|verify|verifies";

struct word {
  std::string text;  // in lower case; a compound with hyphens is one word
  std::size_t at = 0, end = 0;
};

std::vector<word> words_in(const std::string& prose) {
  std::vector<word> out;
  for (std::size_t at = 0; at < prose.size(); ++at) {
    const auto c = static_cast<unsigned char>(prose[at]);
    if (std::isalpha(c) == 0 && c != '-') continue;
    if (out.empty() || out.back().end != at) out.push_back({{}, at, at});
    out.back().text += static_cast<char>(std::tolower(c));
    out.back().end = at + 1;
  }
  return out;
}

bool is_one_of(const std::string& text, std::string_view alternatives) {
  while (!alternatives.empty()) {
    const std::size_t end = std::min(alternatives.find('|'), alternatives.size());
    if (text == alternatives.substr(0, end)) return true;
    alternatives.remove_prefix(std::min(end + 1, alternatives.size()));
  }
  return false;
}

class text {
 public:
  explicit text(const std::string& prose) : prose_(prose), words_(words_in(prose)) {}

  std::vector<odd_wording> odd() const {
    std::vector<odd_wording> out;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (const habit& each : habits) {
        if (const std::size_t count = matches(i, each)) out.push_back(made(i, count, each.instead));
      }
      if (words_[i].text == "what" && !asks(i))
        out.push_back(made(i, std::min<std::size_t>(4, words_.size() - i), "the noun that it is about"));
    }
    return out;
  }

 private:
  /// Nothing but white space between word i - 1 and word i.
  bool follows(std::size_t i) const {
    if (i == 0 || i >= words_.size()) return false;
    const auto begin = prose_.begin() + static_cast<std::ptrdiff_t>(words_[i - 1].end);
    const auto end = prose_.begin() + static_cast<std::ptrdiff_t>(words_[i].at);
    return std::all_of(begin, end, [](unsigned char c) { return std::isspace(c) != 0; });
  }

  /// How many words of the text, from word i on, are those of the habit; 0: they are others.
  std::size_t matches(std::size_t i, const habit& wanted) const {
    std::istringstream in{std::string(wanted.words)};
    std::size_t count = 0;
    for (std::string alternatives; in >> alternatives; ++count) {
      if (count > 0 && !follows(i + count)) return 0;
      if (!is_one_of(words_[i + count].text, alternatives)) return 0;
    }
    return follows(i + count) && is_one_of(words_[i + count].text, wanted.unless) ? 0 : count;
  }

  /// "what" is right in a question, and after a verb that asks. Elsewhere it takes the place of a noun.
  bool asks(std::size_t i) const {
    return (follows(i) && is_one_of(words_[i - 1].text, asking)) || is_in_a_question(words_[i].at);
  }

  bool is_in_a_question(std::size_t at) const {
    for (; at < prose_.size() && prose_.compare(at, 2, "\n\n") != 0; ++at) {
      if (prose_[at] == '?') return true;
      const bool ends = at + 1 == prose_.size() || std::isspace(static_cast<unsigned char>(prose_[at + 1]));
      if (prose_[at] == '|' || (ends && std::string_view(".!:").find(prose_[at]) != std::string_view::npos))
        break;
    }
    return false;
  }

  odd_wording made(std::size_t i, std::size_t count, std::string_view instead) const {
    std::string found;
    for (const word& each : std::span(words_).subspan(i, count)) {
      if (!found.empty()) found += ' ';
      found += prose_.substr(each.at, each.end - each.at);
    }
    const auto place = prose_.begin() + static_cast<std::ptrdiff_t>(words_[i].at);
    const auto line = 1 + std::count(prose_.begin(), place, '\n');
    return {static_cast<std::size_t>(line), std::move(found), std::string(instead)};
  }

  const std::string& prose_;
  std::vector<word> words_;
};

}  // namespace

std::vector<odd_wording> odd_wordings(const std::string& prose) { return text(prose).odd(); }

}  // namespace kvco::test
