// Code of kvco/doc/typed.md: compiled, not run.
#include <boost/describe/class.hpp>
#include <kvco/typed/typed_bucket.hpp>

struct order {
  int Id;
};
BOOST_DESCRIBE_STRUCT(order, (), (Id))

#include <kvco/client.hpp>
#include <kvco/typed/pinned_codec.hpp>
#include <span>

void use(int id, kvco::revision rev);
void report(std::string_view key, const std::string& why, std::span<const std::byte> stored);

boost::asio::awaitable<void> typed(kvco::bucket bucket) {
  kvco::typed_bucket<order> orders(bucket);
  co_await orders.put("order-1", {1});  // the stored bytes are {"Id":1}
  std::optional<kvco::typed_entry<order>> found = co_await orders.get("order-1");
  if (found && found->has_value()) use((*found)->Id, found->revision());
}

boost::asio::awaitable<void> watch_typed(kvco::typed_bucket<order> orders) {
  auto updates = orders.watch("order-*");
  while (auto e = co_await updates.next()) {
    if (e->has_value()) {
      use((*e)->Id, e->revision());
    } else if (e->operation() == kvco::operation::put) {
      report(e->key(), e->error().text, e->bytes());
    }  // otherwise the key was erased or purged
  }
}

struct point {
  int x = 0, y = 0;
};
bool parse(std::string_view text, point& to);

struct point_codec {
  std::string encode(const point& value) const {
    return std::to_string(value.x) + " " + std::to_string(value.y);
  }
  kvco::decoded<point> decode(std::string_view stored) const {
    point value;
    if (!parse(stored, value)) return kvco::value_error("a point is two numbers");
    return value;
  }
};

kvco::typed_bucket<point, point_codec> with_a_codec(kvco::bucket bucket) {
  kvco::typed_bucket<point, point_codec> points(bucket);
  return points;
}

boost::asio::awaitable<void> pin(kvco::client nats) {
  using order_bucket = kvco::typed_bucket<order>;
  kvco::bucket_config config("ORDERS");
  config = kvco::pin_codecs<order_bucket>(config);
  kvco::bucket made = co_await nats.create_bucket(config);
  order_bucket bound = co_await kvco::bind<order_bucket>(made);  // codec_mismatch if the bucket names others
}
