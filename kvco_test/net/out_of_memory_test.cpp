// Each allocation of each operation fails, one at a time: the caller gets an error and the client goes on, or the
// process ends as kvco/doc/guarantees.md describes. Each failure has a process of its own.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <kvco_test/support/slice.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>

#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
// Of <sanitizer/allocator_interface.h>, which g++ 12 does not bring along.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace kvco::test {
namespace {

// Does nothing where there is no LeakSanitizer. To search all memory takes longer than an operation does, so that is done only
// where there is something to find: where more is allocated than was at its beginning.
class leak_check {
 public:
#if defined(__SANITIZE_ADDRESS__)
  void expect_none() const {
    if (__sanitizer_get_current_allocated_bytes() <= before_) return;
    EXPECT_EQ(__lsan_do_recoverable_leak_check(), 0);
  }

 private:
  std::size_t before_ = __sanitizer_get_current_allocated_bytes();
#else
  void expect_none() const {}
#endif
};

enum class ending : int { refused, failed, succeeded, terminated, none, count };

class out_of_memory : public testing::TestWithParam<operation_case> {};
INSTANTIATE_TEST_SUITE_P(of, out_of_memory, testing::ValuesIn(all_operations()), case_name());

// Runs the operation to its end, with the k-th allocation failing.
ending start_and_wait(lab& in, const operation_case& which, std::uint64_t k, outcome& result) {
  const failing_allocation failure(k);
  try {
    which.start(in, {}, result);
  } catch (const std::bad_alloc&) {
    return ending::refused;
  }
  try {
    in.run_until([&] { return result.calls > 0; });
  } catch (const std::bad_alloc&) {
    ADD_FAILURE() << "std::bad_alloc left the reactor";
  }
  if (!failure.happened()) return ending::none;  // it has not so many
  return result.code ? ending::failed : ending::succeeded;
}

// A failure in here is printed, and found by the parent in the exit status.
ending run_without(const operation_case& which, std::uint64_t k) {
  const leak_check leaks;
  ending how = ending::none;
  {
    lab in;
    set_up(in, which);
    outcome result;
    how = start_and_wait(in, which, k, result);
    EXPECT_EQ(result.calls, how == ending::refused ? 0 : 1);
    in.updates = {};
    in.run();
    if (which.made_from != handle::none && !which.closes) {
      in.pass(std::chrono::seconds(6));  // what was given up on the server's side
      in.expect_working();
    }
    in.drop_handles();
    in.forget_session();
    in.run_until([] { return false; });
    EXPECT_TRUE(in.session_is_gone());
  }
  leaks.expect_none();
  return how;
}

ending run_in_child(const operation_case& which, std::uint64_t k) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    std::set_terminate([] { _exit(static_cast<int>(ending::terminated)); });
    const ending how = run_without(which, k);
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure() ? static_cast<int>(ending::count) : static_cast<int>(how));
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return ending::count;
  return static_cast<ending>(WEXITSTATUS(status));
}

// fault: 81
TEST_P(out_of_memory, at_each_allocation) {
  run_without(GetParam(), UINT64_MAX);  // what is made once for a process is made here, and not in each child
  std::array<int, static_cast<std::size_t>(ending::count)> seen{};
  for (std::uint64_t k = 1;; ++k) {
    if (!in_slice(k, 4)) continue;
    const ending how = run_in_child(GetParam(), k);
    ASSERT_LT(how, ending::count) << "with the failure of allocation " << k << ": see above";
    if (how == ending::none) break;
    ++seen[static_cast<std::size_t>(how)];
  }
  std::printf(
      "allocations: %d are refused to the caller, %d give an error, %d are not missed, %d end the process\n",
      seen[0], seen[1], seen[2], seen[3]);
}

}  // namespace
}  // namespace kvco::test
