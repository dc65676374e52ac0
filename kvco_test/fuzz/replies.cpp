// Any bytes as a reply of JetStream. The first byte chooses the decoder.
//
// Beside what the sanitizers see: no value without its rules, no failure without a code, the two readers of an ack
// agree, and a configuration that was echoed can be sent back.
#include <kvco/jetstream/pub_ack.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>

#include <cstdlib>
#include <string>

namespace {

using namespace kvco::jetstream;

void require(bool condition) {
  if (!condition) std::abort();
}

void pub_acks(std::string_view text) {
  const auto ack = parse_pub_ack(text);
  require(ack.ok() == (ack.value.sequence != 0));
  const auto expected = read_common_pub_ack(text, "KV_b");
  if (const auto common = read_common_pub_ack(text)) {
    require(expected && expected->sequence == common->sequence && expected->duplicate == common->duplicate);
    const auto any = read_any_pub_ack(text);
    require(any.ok() && any.value.sequence == common->sequence && any.value.duplicate == common->duplicate);
  } else {
    require(!expected);
  }
}

void stored(const outcome<std::optional<stored_message>>& got) {
  require(got.ok() || !got.value);
  if (!got.value) return;
  const kvco::entry owned(got.value->fields);  // reads every byte of every view
  require(owned.revision() > 0 && owned.bucket() == "b" && !owned.key().empty());
}

// "<header block>\r\n\r\n<payload>"
void direct_gets(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  const std::size_t cut = end == text.npos ? text.size() : end + 4;
  const auto got = parse_direct_get(text.substr(0, cut), text.substr(cut), "$KV.b.");
  stored(got);
  const auto expected = parse_direct_get(text.substr(0, cut), text.substr(cut), "$KV.b.", "KV_b");
  stored(expected);
  require(got.code == expected.code && got.value.has_value() == expected.value.has_value());
  if (got.value) {
    require(got.value->fields.rev == expected.value->fields.rev &&
            got.value->fields.key == expected.value->fields.key &&
            got.value->fields.created_ns == expected.value->fields.created_ns);
  }
}

void stream_infos(std::string_view text) {
  const auto got = parse_stream_info(text);
  if (!got.ok()) return;
  const std::string update = stream_update_request(got.value.status.config, got.value.config_json);
  require(!update.empty() && update.front() == '{');
  require(missing_in_echo(got.value.status.config, got.value).find("metadata") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'a':
      pub_acks(text);
      break;
    case 'd':
      direct_gets(text);
      break;
    case 'm':
      stored(parse_message_get(text, "$KV.b."));
      (void)parse_written_message(text);
      break;
    case 's':
      stream_infos(text);
      break;
    case 'n':
      (void)parse_stream_names(text);
      break;
    case 'c':
      (void)parse_consumer_info(text);
      break;
    case 'o':
      require(parse_success(text).ok() == parse_success(text).value);
      break;
    case 't':
      (void)parse_time(text);
      break;
    default:
      break;
  }
  return 0;
}
