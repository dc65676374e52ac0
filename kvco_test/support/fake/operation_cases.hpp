// Every operation of the public API, each as something that can be started, cancelled, cut off and destroyed.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <kvco_test/support/fake/lab.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace kvco::test {

/// What the handle is that an operation is made from.
enum class handle { bucket, client, watcher, none };

struct operation_case {
  std::string name;
  handle made_from = handle::bucket;
  /// Puts things in place; the bucket "B" is open already (handle::none: nothing is connected).
  std::function<void(lab&)> prepare;
  /// Starts it with a callback.
  std::function<void(lab&, asio::cancellation_slot, outcome&)> start;
  /// Starts it in a coroutine that holds handles of its own: what most users do.
  std::function<void(lab&, asio::cancellation_slot, outcome&)> spawn;
  /// The result when nobody interferes.
  std::string expected;
  /// It is over only when the clock goes on (pauses between attempts).
  bool needs_time = false;
  /// Several results in one: each may be an error, the whole is none.
  bool tells_each = false;
  /// It ends the client.
  bool closes = false;

  friend std::ostream& operator<<(std::ostream& to, const operation_case& c) { return to << c.name; }
};

const std::vector<operation_case>& key_operations();
const std::vector<operation_case>& other_operations();
std::vector<operation_case> all_operations();

struct case_name {
  std::string operator()(const testing::TestParamInfo<operation_case>& info) const { return info.param.name; }
};

/// A lab in which the case is ready to be started.
void set_up(lab& in, const operation_case& which);

}  // namespace kvco::test
