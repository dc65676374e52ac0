#include <kvco/net/unique_names.hpp>

#include <kvco/core/inbox.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/environment.hpp>
#include <string_view>

namespace kvco::net {
namespace {

constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t name_size = 14;  // 83 bits
// 40 bytes of a reply subject instead of 26 cost 4 % of the requests per second with 64 in flight, for over 32 the server has to
// allocate. 59 bits; and where two clients have the same name, neither has a request for the other's replies as long as their
// tokens differ, too: the first ones are by chance (23 bits).
constexpr std::size_t inbox_name_size = 10;
static_assert(std::string_view("_INBOX..").size() + inbox_name_size + core::inbox::token_size <= 32);

std::string random_name(environment& world, std::size_t size) {
  std::string name;
  for (std::size_t i = 0; i < size; ++i) name += letters[world.random() % letters.size()];
  return name;
}

}  // namespace

unique_names::unique_names(environment& world) : start_(random_name(world, name_size) + '.') {}

std::string unique_names::for_inbox(environment& world) { return random_name(world, inbox_name_size); }
std::string unique_names::make(environment& world) { return random_name(world, name_size); }

// Also asked for when the reactor is gone, of which nothing is sent any more.
std::string unique_names::message_id() { return detail::concat(start_, std::to_string(++made_)); }

}  // namespace kvco::net
