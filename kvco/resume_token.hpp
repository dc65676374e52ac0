// Where a watch continues, in this process or in a later one.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <kvco/entry.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace kvco {

namespace detail {
struct resume_fields {
  std::string_view bucket;
  kvco::revision rev = 0;       // the last one that was taken; 0: none
  std::int64_t created_ns = 0;  // when the stream was created, since the Unix epoch
  std::int64_t newest_ns = 0;   // when the last entry that the watch received was stored
};
}  // namespace detail

/// The identity of a bucket (its name, and when it was created) and the revision up to which its entries were taken: returned by
/// watcher::resume_token(). A watch with it as `.resume_after` continues after that revision, and ends with errc::bucket_recreated if
/// the bucket was deleted and created again meanwhile.
///
/// A value of a fixed size, as its text also for a file, or for another process.
class resume_token {
 public:
  resume_token() noexcept = default;  ///< empty: as an option of a watch it is not set
  explicit resume_token(const detail::resume_fields& fields) noexcept;

  /// Reads the text of to_string(); of no text the empty token. Nothing: it is damaged, or no token.
  static std::optional<resume_token> parse(std::string_view text);

  /// False: it is empty.
  explicit operator bool() const noexcept { return created_ns_ != 0; }
  /// The name of the bucket.
  std::string_view bucket() const noexcept { return {bucket_.data(), size_}; }
  /// When the bucket was created, by the server's clock.
  std::chrono::system_clock::time_point bucket_created() const noexcept;
  /// Up to here everything was taken; 0: the watch had seen that the bucket was empty.
  kvco::revision revision() const noexcept { return revision_; }
  /// For the library.
  detail::resume_fields fields() const noexcept { return {bucket(), revision_, created_ns_, newest_ns_}; }

  friend bool operator==(const resume_token&, const resume_token&) noexcept = default;

 private:
  std::int64_t created_ns_ = 0, newest_ns_ = 0;
  kvco::revision revision_ = 0;
  std::array<char, 252>
      bucket_{};  // the longest name; inside, because options own no memory (see options.hpp)
  std::uint8_t size_ = 0;
};

/// One line without blanks, with a checksum; of the empty token no text. Later versions of kvco read it.
std::string to_string(const resume_token& token);

static_assert(std::is_trivially_copyable_v<resume_token>);

}  // namespace kvco
