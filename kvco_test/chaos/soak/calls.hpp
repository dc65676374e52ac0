// What clients called during a soak, how each call completed, and what was taken away from them meanwhile: what the checkers of a
// soak judge. Pure: no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <kvco/error.hpp>
#include <kvco_test/support/judges/history.hpp>
#include <kvco_test/support/judges/verdict.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::chaos::soak {

using test::moment;

/// A set of meanings.
class errors {
 public:
  constexpr errors() = default;
  constexpr errors(std::initializer_list<errc> all) {
    for (const errc one : all) bits_ |= bit(one);
  }
  constexpr bool has(errc one) const { return (bits_ & bit(one)) != 0; }
  constexpr errors operator|(errors other) const {
    other.bits_ |= bits_;
    return other;
  }

 private:
  static constexpr std::uint64_t bit(errc one) { return std::uint64_t(1) << static_cast<int>(one); }
  std::uint64_t bits_ = 0;
};

/// A connection that ends: what was sent and not answered is unknown, the rest waits for the next connection, or for its deadline.
inline constexpr errors lost_connection{errc::timeout, errc::outcome_unknown, errc::unavailable,
                                        errc::connection_lost, errc::connect_failed};

/// Whether one of these is what the code means.
bool is_any_of(error_code code, errors wanted);

/// One call of the library, which has to complete once.
struct call {
  std::string_view what;  ///< "put"
  moment begin{}, end{};
  moment deadline = moment::max();  ///< it has to complete by then; never, unless it has been asked to end
  moment since{};                   ///< what it reports may have happened since then
  int completions = 0;
  error_code code;
  std::string detail;  ///< error_detail() when it completed
  errors own;          ///< it may end with these in any weather
  /// It is sent again by then, where others change what it could be recognized by: what is said after that is uncertain.
  moment sent_again = moment::max();
  bool may_abort = false;  ///< it was cancelled, or its client was ended
};

class call_log {
 public:
  /// @param longest  its timeout; 0: none. One of less than half a second may be too short for the machine.
  call& begin(std::string_view what, duration longest, errors own = {});
  /// To be called first thing in the completion handler.
  void end(call& which, error_code code);
  /// A part of a call that has an outcome of its own.
  void add_item(std::string_view what, const call& whole, error_code code, std::string detail);
  /// It has to complete now.
  static void must_end(call& which);
  /// The same, unless it has to have changed nothing and may have: then this was too late.
  static void must_end_unchanged(call& which);

  std::deque<call> calls;  // references stay valid
  std::size_t open = 0;
};

/// Something that was taken away, or failed.
struct trouble {
  std::string name;
  errors explains;  ///< what a call may end with because of it
  moment begin{};
  moment end = moment::max();
};

/// V1: each call completed once, by its deadline and this margin.
void check_deadlines(const call_log& log, duration margin, test::verdict& to);

/// V13: each error is one of the call's own, or fits what was taken away while the call was open or `shortly` before.
void check_causes(const call_log& log, const std::vector<trouble>& troubles, duration shortly,
                  test::verdict& to);

/// V16: each error has words for its cause: those that something on the way must have told are more than their code.
void check_words(const call_log& log, test::verdict& to);

/// V17: what is in use after each round is no more than after the first one and this. (The first one makes what stays: tables of
/// Asio, OpenSSL, locales.)
void check_growth(std::string_view of_what, const std::vector<std::size_t>& after_each_round,
                  std::size_t allowed, test::verdict& to);

}  // namespace kvco::chaos::soak
