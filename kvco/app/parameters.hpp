// The role of each parameter of a handler, and how it is made of a delivery.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <kvco/app/app_error.hpp>
#include <kvco/app/delivery.hpp>
#include <kvco/typed/number.hpp>
#include <kvco/typed/typed_entry.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace kvco::handling {

/// The kind of deliveries that a handler is registered for.
enum class occasion : std::uint8_t { entry, deletion, message };

enum class role : std::uint8_t {
  unsupported,
  value,          // T, decoded; of T = std::string also std::string_view
  maybe_value,    // std::optional<T>: nothing for a deletion
  typed,          // typed_entry<T>
  whole_entry,    // entry
  whole_message,  // message
  one_capture,    // std::string, std::string_view or a number
  all_captures,   // captures
  its_bucket,
  its_client,
  about_the_call,  // handler_context
};

template <class T, class D>
inline constexpr bool is_value_of = std::is_same_v<D, T> ||
                                    (std::is_same_v<T, std::string> && std::is_same_v<D, std::string_view>);

template <class T, occasion On, class D>
constexpr role role_of_first() noexcept {
  if (std::is_same_v<D, entry>) return On == occasion::message ? role::unsupported : role::whole_entry;
  if (std::is_same_v<D, message>) return On == occasion::message ? role::whole_message : role::unsupported;
  if constexpr (On != occasion::deletion && !std::is_same_v<T, entry> && !std::is_same_v<T, message>) {
    if (is_value_of<T, D>) return role::value;
    if (std::is_same_v<D, std::optional<T>>)
      return On == occasion::entry ? role::maybe_value : role::unsupported;
    if (std::is_same_v<D, typed_entry<T>>) return On == occasion::entry ? role::typed : role::unsupported;
  }
  return role::unsupported;
}

template <class D>
constexpr role role_of_other() noexcept {
  if (std::is_same_v<D, captures>) return role::all_captures;
  if (std::is_same_v<D, bucket>) return role::its_bucket;
  if (std::is_same_v<D, client>) return role::its_client;
  if (std::is_same_v<D, handler_context>) return role::about_the_call;
  if (std::is_same_v<D, std::string> || std::is_same_v<D, std::string_view> || number<D>)
    return role::one_capture;
  return role::unsupported;
}

template <class T, occasion On, class D>
constexpr role role_of(std::size_t place) noexcept {
  const role first = place == 0 ? role_of_first<T, On, D>() : role::unsupported;
  return first != role::unsupported ? first : role_of_other<D>();
}

/// Throws undecodable.
template <class T, class Codec>
T value_of(const Codec& codec, std::string_view bytes) {
  decoded<T> value = value_error();
  try {
    value = codec.decode(bytes);
  } catch (const std::exception& failure) {
    value = value_error(failure.what());
  } catch (...) {
    value = value_error("the codec has thrown an unknown exception");
  }
  if (!value) throw undecodable{value.error()};
  return std::move(*value);
}

/// Throws undecodable if the token is not all of a number that the type has room for.
template <class D>
D capture_as(std::string_view token) {
  if constexpr (number<D>) {
    D value{};
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error == std::errc() && end == token.data() + token.size()) return value;
    throw undecodable{value_error(app_error::capture_not_decoded, '"' + std::string(token) + '"')};
  } else {
    return D(token);
  }
}

inline bool has_no_value(const entry& e) noexcept {
  return e.operation() != operation::put || (e.value().empty() && e.value_size() != 0);
}

/// Parameters of these roles are in the delivery as they are.
constexpr bool is_in_delivery(role which) noexcept {
  return which == role::whole_entry || which == role::whole_message || which == role::all_captures ||
         which == role::its_bucket || which == role::its_client || which == role::about_the_call;
}
/// The parameter P as it is kept for the call: a const reference to a part of the delivery without a copy, all others by value.
template <class P, role Role>
using kept_parameter = std::conditional_t<is_in_delivery(Role) && std::is_lvalue_reference_v<P> &&
                                              std::is_const_v<std::remove_reference_t<P>>,
                                          P, std::decay_t<P>>;

/// @tparam Capture  the number of captures among the parameters before
/// @returns  a reference to a part of the delivery, or a value
template <class T, class D, role Role, std::size_t Capture, class Codec>
std::conditional_t<is_in_delivery(Role), const D&, D> make_parameter(const Codec& codec,
                                                                     const delivery& from) {
  const auto bytes = [&] {
    return from.stored.key().empty() ? from.received.payload() : from.stored.value();
  };
  if constexpr (Role == role::value) {
    if constexpr (std::is_same_v<D, std::string_view>)
      return bytes();
    else
      return value_of<T>(codec, bytes());
  } else if constexpr (Role == role::maybe_value) {
    if (has_no_value(from.stored)) return std::nullopt;
    return value_of<T>(codec, bytes());
  } else if constexpr (Role == role::typed) {
    if (has_no_value(from.stored))
      return D(from.stored, value_error(client_error::entry_without_value, {}), {});
    try {
      return D(from.stored, value_of<T>(codec, bytes()), {});
    } catch (const undecodable& reason) {
      return D(from.stored, reason.why, {});
    }
  } else if constexpr (Role == role::whole_entry) {
    return from.stored;
  } else if constexpr (Role == role::whole_message) {
    return from.received;
  } else if constexpr (Role == role::one_capture) {
    return capture_as<D>(from.found[Capture]);
  } else if constexpr (Role == role::all_captures) {
    return from.found;
  } else if constexpr (Role == role::its_bucket) {
    return from.from;
  } else if constexpr (Role == role::its_client) {
    return from.nats;
  } else {
    return from.context;
  }
}

}  // namespace kvco::handling
