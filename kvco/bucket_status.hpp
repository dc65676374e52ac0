// The state of a bucket, as the server reports it.
#pragma once

#include <chrono>
#include <cstdint>
#include <kvco/bucket_config.hpp>
#include <kvco/entry.hpp>

namespace kvco {

/// The configuration and the content of a bucket, as the server reports them (bucket::status()).
struct bucket_status {
  bucket_config config{""};
  std::chrono::system_clock::time_point created;
  std::uint64_t messages = 0;         ///< stored revisions, including tombstones and history
  std::uint64_t bytes = 0;            ///< their size in the store
  kvco::revision first_revision = 0;  ///< the oldest one kept
  kvco::revision last_revision = 0;   ///< the newest one
};

}  // namespace kvco
