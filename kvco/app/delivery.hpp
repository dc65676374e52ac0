// The cause of a call of a handler: an entry of its watch, or a message of its subscription.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <kvco/app/pattern.hpp>
#include <kvco/bucket.hpp>
#include <kvco/client.hpp>
#include <kvco/entry.hpp>
#include <kvco/messaging/message.hpp>
#include <kvco/typed/codec.hpp>
#include <memory>
#include <string_view>
#include <utility>

namespace kvco {

/// About one call of a handler: a parameter of this type is optional.
struct handler_context {
  std::size_t attempt = 1;  ///< 2 and more: the call before has failed (error_policy::retries)
  bool is_initial = false;  ///< of the initial data: it existed when the watch began (nats-server 2.9: or was
                            ///< written before all of that was delivered)
  kvco::revision revision = 0;  ///< of the entry; 0: of a message
};

namespace handling {

/// Made once, for all calls with it.
struct delivery {
  entry stored;      // of a watch
  message received;  // of a subscription
  client nats;
  bucket from;
  captures found;
  handler_context context;
  std::string_view key;         // or the subject; a view of one of the two
  std::uint64_t number = 0;     // in the order in which they were taken
  kvco::revision taken_to = 0;  // of a watch: all up to this revision were taken
};
using delivery_ptr = std::shared_ptr<delivery>;

/// The parameters of a handler cannot be made of this delivery.
struct undecodable {
  value_error why;
};

/// A handler of a user behind a type that does not depend on its signature.
struct adapted_handler {
  std::function<boost::asio::awaitable<void>(delivery_ptr)>
      call;  // throws undecodable before the handler is called
  bool sees_deletions = false;
  bool takes_value = false;
  bool takes_bucket = false;
  std::size_t captures = 0;  // that are parameters
};

}  // namespace handling
}  // namespace kvco
