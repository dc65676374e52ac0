// Any bytes as a reply of JetStream. The first byte chooses the decoder.
//
// Beside what the sanitizers see: no value without its rules, no failure without a code, the two readers of an ack
// agree, and a configuration that was echoed can be sent back.
#include <kvco/jetstream/account.hpp>
#include <kvco/jetstream/common_direct_get.hpp>
#include <kvco/jetstream/compare_config.hpp>
#include <kvco/jetstream/pub_ack.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>

#include <cstdlib>
#include <string>

namespace {

using namespace kvco;
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

bool same(const detail::entry_fields& a, const detail::entry_fields& b) {
  return a.bucket == b.bucket && a.key == b.key && a.value == b.value && a.value_size == b.value_size &&
         a.rev == b.rev && a.created_ns == b.created_ns && a.op == b.op && a.pending == b.pending;
}

// "<header block>\r\n\r\n<payload>"
void direct_gets(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  const std::size_t cut = end == text.npos ? text.size() : end + 4;
  const std::string_view block = text.substr(0, cut), payload = text.substr(cut);
  const auto got = parse_direct_get(block, payload, "$KV.b.");
  stored(got);
  // What is read the fast way is read in the same way.
  const common_direct_get common("b");
  const std::string_view key = got.value ? got.value->fields.key : "k";
  detail::entry_fields fields;
  if (common.read(block, payload, key, fields)) require(got.value && same(fields, got.value->fields));
  multi_get_reply series;
  if (common.read(block, payload, series)) {
    const auto expected = parse_multi_get(block, payload, "$KV.b.");
    require(expected.kind == multi_get_kind::message && same(series.fields, expected.fields) &&
            series.pending == expected.pending && series.previous == expected.previous);
  }
}

void stream_infos(std::string_view text) {
  const auto got = parse_stream_info(text);
  if (!got.ok()) return;
  const std::string update = stream_update_request(got.value.status.config, got.value.config_json);
  require(!update.empty() && update.front() == '{');
  require(missing_in_echo(got.value.status.config, got.value, true).find("metadata") == std::string::npos);
  require(differences(got.value.status.config, got.value.status.config, true).find(", not ") ==
          std::string::npos);
  (void)discard_repair_request(got.value.status.config, got.value);
}

void accounts(std::string_view text) {
  const auto got = parse_account_info(text);
  require(got.ok() || (got.value.tiers.empty() && got.value.api_level == 0));
}

}  // namespace

// fault: 21, 31
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
    case 'i':
      accounts(text);
      break;
    case 'l':
      (void)parse_stream_page(text);
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
