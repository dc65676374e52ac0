// Whether a stream is still the one that a watch began with, and still has the revision that the watch resumes after.
#pragma once

#include <cstdint>
#include <kvco/core/deadlines.hpp>
#include <kvco/jetstream/replies.hpp>
#include <optional>
#include <string>

namespace kvco::core {

/// A stream of the same name may be another one: its revisions start again, and a consumer resumed after its end would wait until it
/// has grown so far.
class stream_identity {
 public:
  enum class verdict : std::uint8_t {
    same,
    catching_up,  // it has lost its end, but a replica that is behind reports that too: ask again
    shrunk,       // it has lost its end
    other,        // another stream of this name
  };

  /// @param created_ns  when the stream was created; 0: the first one that it sees is the one
  explicit stream_identity(std::int64_t created_ns = 0);
  /// @param needed     the last revision that the stream must have
  /// @param newest_ns  when the last entry of the watch was stored, by the server's clock
  verdict judge(const jetstream::stream_info& info, std::uint64_t needed, std::int64_t newest_ns,
                time_point now);
  /// When it was created.
  const std::string& created() const noexcept { return created_; }

 private:
  bool is_same(const jetstream::stream_info& info, std::int64_t newest_ns);

  std::string created_;
  std::optional<time_point> shrunk_since_;
};

}  // namespace kvco::core
