// Names that no other client has, of [A-Za-z0-9].
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace kvco::net {

class environment;

class unique_names {
 public:
  explicit unique_names(environment& world);
  /// For an inbox: short, as part of every reply subject.
  static std::string for_inbox(environment& world);
  /// For a consumer.
  static std::string make(environment& world);
  /// A Nats-Msg-Id.
  std::string message_id();

 private:
  std::string start_;
  std::uint64_t made_ = 0;
};

}  // namespace kvco::net
