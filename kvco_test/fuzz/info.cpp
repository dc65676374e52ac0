// Fuzz: any bytes as INFO's JSON, and any credentials in CONNECT's.
#include <kvco/wire/info.hpp>

#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>

namespace {

void expect(bool good) {
  if (!good) std::abort();
}

// Whatever a user's name holds, CONNECT stays one line, and one JSON object with that name.
void expect_connect(std::string_view text) {
  const std::string json = kvco::wire::connect_json({.name = text,
                                                     .user = text,
                                                     .password = text,
                                                     .token = text,
                                                     .jwt = text,
                                                     .nkey = text,
                                                     .sig = text,
                                                     .verbose = false});
  expect(json.find_first_of("\r\n") == std::string::npos);
  boost::system::error_code ec;
  const auto parsed = boost::json::parse(json, ec);
  if (ec) return;  // not UTF-8: the server refuses it
  expect(text.empty() ? !parsed.as_object().contains("name") : parsed.at("name").as_string() == text);
}

}  // namespace

// fault: 26
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto info = kvco::wire::parse_info(text);
  if (info.has_error()) expect(info.error() == kvco::client_error::malformed_info);
  if (info.has_value()) {
    std::size_t read = info->id.size() + info->name.size() + info->version.size() + info->nonce.size();
    for (const std::string& url : info->connect_urls) read += url.size();
    expect(read <= size);
    expect(info->proto >= 0 && info->api_level >= 0);
  }
  expect_connect(text);
  return 0;
}
