// Records -> a bucket, in their order, many in flight: shared by import and cp.
#pragma once

#include <cstdint>
#include <kvco/cli/command.hpp>
#include <kvco/cli/record.hpp>
#include <vector>

namespace kvco::cli {

class record_writer {
 public:
  /// `if_absent`: only keys that have no value.
  record_writer(command_ptr call, bucket to, bool if_absent);

  /// Throws a failure that names the key; written() is the number of records before it.
  asio::awaitable<void> add(record one);
  asio::awaitable<void> flush();

  /// The records that were taken care of, from the first one on without a gap.
  std::uint64_t written() const noexcept { return written_; }
  /// Of these, the keys that have a value already.
  std::uint64_t left_out() const noexcept { return left_out_; }

 private:
  asio::awaitable<void> write(record one);

  command_ptr call_;
  bucket to_;
  bool if_absent_;
  std::vector<record> waiting_;  // values, to be stored together
  std::size_t bytes_ = 0;        // of these
  std::uint64_t written_ = 0, left_out_ = 0;
};

}  // namespace kvco::cli
