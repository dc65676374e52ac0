// Any bytes as the reply subject of a delivery. What is accepted must be a form that ADR-15 knows.
#include <kvco/jetstream/ack_subject.hpp>

#include <algorithm>
#include <cstdlib>

// fault: 32
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view subject(reinterpret_cast<const char*>(data), size);
  const auto position = kvco::jetstream::parse_ack_subject(subject);
  if (!position) return 0;
  const auto dots = std::count(subject.begin(), subject.end(), '.');
  const bool form = subject.starts_with("$JS.ACK.") && (dots == 8 || dots >= 10);
  const bool fields = position->stream_sequence > 0 && position->consumer_sequence > 0 &&
                      position->timestamp_ns >= 0 && !position->consumer.empty() &&
                      subject.find(position->consumer) != subject.npos;
  if (!form || !fields) std::abort();
  return 0;
}
