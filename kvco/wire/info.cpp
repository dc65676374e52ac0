// INFO's JSON -> server_info, and CONNECT's JSON: the two ends of the handshake.
#include <kvco/wire/info.hpp>

#include <array>
#include <boost/container/pmr/memory_resource.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <concepts>
#include <limits>
#include <new>
#include <utility>

#include <openssl/crypto.h>

namespace kvco::wire {
namespace {

namespace json = boost::json;

/// The server's JSON comes from Go: Boost.JSON holds a number as int64 as long as it fits, as
/// uint64 above.
template <std::unsigned_integral T>
bool assign(const json::value& from, T& to) {
  std::uint64_t number = 0;
  if (from.is_uint64())
    number = from.get_uint64();
  else if (from.is_int64() && from.get_int64() >= 0)
    number = static_cast<std::uint64_t>(from.get_int64());
  else
    return false;
  if (number > std::numeric_limits<T>::max()) return false;
  to = static_cast<T>(number);
  return true;
}

bool assign(const json::value& from, int& to) {
  std::uint32_t number = 0;
  if (!assign(from, number) || number > std::uint32_t{std::numeric_limits<int>::max()}) return false;
  to = static_cast<int>(number);
  return true;
}

bool assign(const json::value& from, bool& to) {
  if (!from.is_bool()) return false;
  to = from.get_bool();
  return true;
}

bool assign(const json::value& from, std::string& to) {
  if (!from.is_string()) return false;
  to = std::string_view(from.get_string());
  return true;
}

bool assign(const json::value& from, std::vector<std::string>& to) {
  if (!from.is_array()) return false;
  for (const json::value& item : from.get_array())
    if (item.is_string()) to.emplace_back(std::string_view(item.get_string()));
  return true;
}

/// Fields of one object, taken by name; remembers whether one had a wrong type. Null counts as
/// missing, as it does in every Go client.
class field_reader {
 public:
  explicit field_reader(const json::object& from) : from_(from) {}

  template <class T>
  field_reader& take(std::string_view name, T& to) {
    const json::value* found = from_.if_contains(name);
    if (found != nullptr && !found->is_null()) good_ = assign(*found, to) && good_;
    return *this;
  }
  bool good() const noexcept { return good_; }

 private:
  const json::object& from_;
  bool good_ = true;
};

bool read_fields(const json::object& from, server_info& to) {
  return field_reader(from)
      .take("server_id", to.id)
      .take("server_name", to.name)
      .take("version", to.version)
      .take("cluster", to.cluster)
      .take("domain", to.domain)
      .take("host", to.host)
      .take("client_ip", to.client_ip)
      .take("nonce", to.nonce)
      .take("connect_urls", to.connect_urls)
      .take("max_payload", to.max_payload)
      .take("client_id", to.client_id)
      .take("proto", to.proto)
      .take("api_lvl", to.api_level)
      .take("port", to.port)
      .take("headers", to.headers)
      .take("jetstream", to.jetstream)
      .take("auth_required", to.auth_required)
      .take("tls_required", to.tls_required)
      .take("tls_available", to.tls_available)
      .take("ldm", to.lame_duck)
      .good();
}

void set_unless_empty(json::object& to, std::string_view name, std::string_view value) {
  if (!value.empty()) to[name] = value;
}

using boost::container::pmr::memory_resource;  // Boost.JSON's own name for it is gone in 1.92

// Memory that is overwritten before it is given back: it holds secrets.
class cleansing_resource final : public memory_resource {
  void* do_allocate(std::size_t size, std::size_t) override { return ::operator new(size); }
  void do_deallocate(void* block, std::size_t size, std::size_t) override {
    OPENSSL_cleanse(block, size);
    ::operator delete(block);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

// Enough for every byte of the fields as \u0000: a buffer that never grows leaves no copy of its beginning
// behind.
std::size_t max_size(const connect_fields& fields) {
  const std::size_t bytes = fields.name.size() + fields.user.size() + fields.password.size() +
                            fields.token.size() + fields.jwt.size() + fields.nkey.size() + fields.sig.size();
  return 512 + 6 * bytes;
}

}  // namespace

boost::system::result<server_info> parse_info(std::string_view text) {
  error_code ec;
  const json::value parsed = json::parse(text, ec);  // nests 32 deep at most
  if (ec || !parsed.is_object()) return error_code(client_error::malformed_info);
  server_info info;
  if (!read_fields(parsed.get_object(), info)) return error_code(client_error::malformed_info);
  return info;
}

std::pair<int, int> read_version(std::string_view version) noexcept {
  const char* const end = version.data() + version.size();
  int major = 0, minor = 0;
  const auto first = std::from_chars(version.data(), end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return {};
  if (std::from_chars(first.ptr + 1, end, minor).ec != std::errc() || major < 0 || minor < 0) return {};
  return {major, minor};
}

std::string connect_json(const connect_fields& fields) {
  cleansing_resource memory;
  json::object connect(&memory);
  connect["verbose"] = fields.verbose;
  connect["pedantic"] = false;
  connect["lang"] = "cpp";
  connect["version"] = "0.1.0";
  connect["protocol"] = 1;          // may send INFO at any time
  connect["headers"] = true;        // without it no HPUB, and no status
  connect["no_responders"] = true;  // 503 at once instead of a time-out
  set_unless_empty(connect, "name", fields.name);
  set_unless_empty(connect, "user", fields.user);
  set_unless_empty(connect, "pass", fields.password);
  set_unless_empty(connect, "auth_token", fields.token);
  set_unless_empty(connect, "jwt", fields.jwt);
  set_unless_empty(connect, "nkey", fields.nkey);
  set_unless_empty(connect, "sig", fields.sig);
  std::string text;
  text.reserve(max_size(fields));
  const json::value all(std::move(connect), &memory);
  json::serializer writer;
  writer.reset(&all);
  std::array<char, 512> piece{};
  while (!writer.done()) text.append(writer.read(piece.data(), piece.size()));
  OPENSSL_cleanse(piece.data(), piece.size());
  return text;
}

}  // namespace kvco::wire
