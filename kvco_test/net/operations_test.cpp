// Every operation with nobody interfering: what the matrices of the other files compare with.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>

namespace kvco::test {
namespace {

class every_operation : public testing::TestWithParam<operation_case> {};
INSTANTIATE_TEST_SUITE_P(of, every_operation, testing::ValuesIn(all_operations()), case_name());

void expect_result(const operation_case& which, bool in_coroutine) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, which));
  outcome result;
  (in_coroutine ? which.spawn : which.start)(in, {}, result);
  EXPECT_EQ(result.calls, 0) << "completed inside the call that starts it";
  const core::time_point begin = in.world().now();
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  in.run();
  EXPECT_EQ(result.calls, 1);
  if (result.code) {
    EXPECT_EQ(result.code.default_error_condition().message(), which.expected) << result.code.message();
  } else {
    EXPECT_EQ(result.value, which.expected);
  }
  EXPECT_EQ(in.world().now() > begin, which.needs_time);
  in.updates = {};
  if (which.made_from != handle::none && !which.closes) in.expect_working();
  EXPECT_EQ(in.server().consumers(), 0u);
}

TEST_P(every_operation, completes_with_its_value) { expect_result(GetParam(), false); }
TEST_P(every_operation, completes_with_its_value_in_a_coroutine) { expect_result(GetParam(), true); }

}  // namespace
}  // namespace kvco::test
