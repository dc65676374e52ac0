// A server that answers one subject late, always by the same time.
#pragma once

#include <kvco_test/support/fake/lab.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kvco::test {

/// In place of the server's script. Must outlive the requests.
class slow_answers {
 public:
  slow_answers(lab& in, std::string subject, duration delay) : in_(in) {
    in.server().script = [this, subject = std::move(subject), delay](server_connection&,
                                                                     const client_frame& frame) {
      if (frame.subject != subject) return false;
      ++asked;
      kept_.emplace_back(in_.world().now() + delay, frame);
      return true;
    };
  }

  /// Lets time pass until the operation has completed, at most 10 s.
  void run_until_told(const outcome& result) {
    constexpr std::chrono::milliseconds step(10);
    for (int i = 0; i < 1000 && result.calls == 0; ++i) {
      in_.pass(step);
      while (!kept_.empty() && kept_.front().first <= in_.world().now()) {
        in_.server().carry_out(*in_.server().newest(), kept_.front().second);
        kept_.erase(kept_.begin());
      }
      in_.run();
    }
  }

  std::size_t asked = 0;

 private:
  lab& in_;
  std::vector<std::pair<core::time_point, client_frame>> kept_;
};

}  // namespace kvco::test
