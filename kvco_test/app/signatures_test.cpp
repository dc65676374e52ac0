// Handlers of every signature are called with what they ask for; without a server.
#include <gmock/gmock.h>

#include <boost/asio/this_coro.hpp>
#include <boost/describe/class.hpp>
#include <kvco/app/app.hpp>
#include <kvco/app/dead_letter.hpp>
#include <kvco_test/support/server/run.hpp>
#include <memory>

namespace handler_signatures {
struct order {
  int id;
};
BOOST_DESCRIBE_STRUCT(order, (), (id))
}  // namespace handler_signatures

namespace kvco::test {
namespace {

using handler_signatures::order;
using handling::adapt_handler;
using handling::adapted_handler;
using handling::delivery;
using handling::delivery_ptr;
using handling::no_codec;
using handling::occasion;
using testing::HasSubstr;

const key_pattern orders_pattern("orders.{region}.{id}");

delivery_ptr delivery_of(const detail::entry_fields& fields) {
  auto item = std::make_shared<delivery>();
  item->stored = entry(fields);
  item->key = item->stored.key();
  item->found = captures(orders_pattern, item->key);
  item->context = {.attempt = 3, .is_initial = true, .revision = fields.rev};
  return item;
}
delivery_ptr stored(std::string_view value) {
  return delivery_of(
      {.bucket = "B", .key = "orders.eu.17", .value = value, .value_size = value.size(), .rev = 9});
}
delivery_ptr erased() {
  return delivery_of({.bucket = "B", .key = "orders.eu.17", .value = {}, .rev = 10, .op = operation::erase});
}

template <class T, occasion On = occasion::entry, class Function>
adapted_handler adapt(Function function) {
  return adapt_handler<T, On, typename handling::codec_of_handler<T>::type>(std::move(function));
}

void call(const adapted_handler& handler, delivery_ptr item) {
  run([&]() -> asio::awaitable<void> {
    asio::awaitable<void> pending = handler.call(std::move(item));
    co_await std::move(pending);
  });
}
std::string undecodable_of(const adapted_handler& handler, delivery_ptr item) {
  try {
    call(handler, std::move(item));
  } catch (const handling::undecodable& reason) {
    return reason.why.code.message() + ": " + reason.why.text;
  }
  return "it was called";
}

asio::awaitable<void> pass_a_turn() {
  auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::deferred);
}

std::string seen_by_function;
void a_function(order o) { seen_by_function = std::to_string(o.id); }

// A value of a megabyte is not copied for a handler that reads it.
TEST(signatures, a_const_reference_is_to_the_entry_itself) {
  const delivery_ptr item = stored("v");
  const entry* seen = nullptr;
  const handler_context* context = nullptr;
  call(adapt<entry>([&](const entry& e, const handler_context& c) {
         seen = &e;
         context = &c;
       }),
       item);
  EXPECT_EQ(seen, &item->stored);
  EXPECT_EQ(context, &item->context);
  call(adapt<entry>([&](entry& e) {
         seen = &e;
         e = entry();
       }),
       item);
  EXPECT_NE(seen, &item->stored) << "one that it may change is its own";
  EXPECT_EQ(item->stored.key(), "orders.eu.17");
}

TEST(signatures, of_functions_and_function_objects) {
  call(adapt<order>(a_function), stored(R"({"id":1})"));
  EXPECT_EQ(seen_by_function, "1");
  call(adapt<order>(&a_function), stored(R"({"id":2})"));
  EXPECT_EQ(seen_by_function, "2");
  call(adapt<order>(std::function<void(const order&)>([](const order& o) { a_function({o.id + 1}); })),
       stored(R"({"id":2})"));
  EXPECT_EQ(seen_by_function, "3");
  int calls = 0;
  call(adapt<order>([&calls]() mutable noexcept { ++calls; }), stored("no order"));
  EXPECT_EQ(calls, 1) << "no value is decoded for it";
}

TEST(signatures, of_values) {
  std::string seen;
  call(adapt<std::string>([&](std::string v) { seen = v; }), stored("text"));
  EXPECT_EQ(seen, "text");
  call(adapt<std::string>([&](std::string_view v) { seen = v; }), stored("a view"));
  EXPECT_EQ(seen, "a view");
  call(adapt<int>([&](int v) { seen = std::to_string(v); }), stored("42"));
  EXPECT_EQ(seen, "42");
  call(adapt<std::unique_ptr<int>*>([&]() { seen = "nothing"; }), stored("42"));
  EXPECT_EQ(seen, "nothing");
}

TEST(signatures, of_deletions) {
  std::string seen;
  const adapted_handler maybe =
      adapt<int>([&](std::optional<int> v) { seen = v ? std::to_string(*v) : "gone"; });
  EXPECT_TRUE(maybe.sees_deletions);
  call(maybe, stored("42"));
  EXPECT_EQ(seen, "42");
  call(maybe, erased());
  EXPECT_EQ(seen, "gone");

  const adapted_handler typed = adapt<int>([&](const typed_entry<int>& e) {
    seen = e.has_value() ? std::to_string(*e) : e.error().code.message();
  });
  EXPECT_TRUE(typed.sees_deletions);
  call(typed, stored("42"));
  EXPECT_EQ(seen, "42");
  call(typed, stored("x"));
  EXPECT_EQ(seen, error_code(client_error::value_not_decoded).message());
  call(typed, erased());
  EXPECT_EQ(seen, error_code(client_error::entry_without_value).message());

  const adapted_handler plain = adapt<entry>([&](entry e) { seen = to_string(e.operation()); });
  EXPECT_TRUE(plain.sees_deletions);
  call(plain, erased());
  EXPECT_EQ(seen, "DEL");
  call(adapt<entry, occasion::deletion>([&](entry e, std::string_view region) {
         seen = std::string(e.key()) + " in " + std::string(region);
       }),
       erased());
  EXPECT_EQ(seen, "orders.eu.17 in eu");
  EXPECT_FALSE(adapt<int>([](int) {}).sees_deletions);
  EXPECT_FALSE(adapt<int>([] {}).sees_deletions) << "it could not distinguish them";
}

TEST(signatures, of_captures) {
  std::string seen;
  const adapted_handler both = adapt<order>([&](order o, std::string_view region, std::uint64_t id) {
    seen = std::to_string(o.id) + std::string(region) + std::to_string(id);
  });
  EXPECT_EQ(both.captures, 2u);
  call(both, stored(R"({"id":1})"));
  EXPECT_EQ(seen, "1eu17");
  call(adapt<std::string>([&](std::string value, bucket, std::string region, client, const std::string& id,
                              handler_context about) {
         seen = value + region + id + std::to_string(about.attempt) + std::to_string(about.revision);
       }),
       stored("v"));
  EXPECT_EQ(seen, "veu1739");
  call(adapt<order>([&](const captures& all) { seen = all["id"]; }), stored(""));
  EXPECT_EQ(seen, "17");
}

TEST(signatures, of_what_cannot_be_made) {
  EXPECT_THAT(undecodable_of(adapt<order>([](order) {}), stored("{}")), HasSubstr("id"));
  EXPECT_THAT(undecodable_of(adapt<entry>([](entry, int, int) {}), stored("")),
              HasSubstr(make_error_code(app_error::capture_not_decoded).message() + ": \"eu\""));
  EXPECT_EQ(undecodable_of(adapt<entry>([](entry, std::string, std::uint8_t) {}), stored("")),
            "it was called");
  EXPECT_THAT(undecodable_of(adapt<int>([](int) {}), stored("4 2")), HasSubstr("4 2"));
}

// References and views stay valid while a coroutine is suspended, and so does the handler itself.
TEST(signatures, of_coroutines) {
  std::string seen;
  {
    const std::string greeting = "a long text that is not stored within the string itself: ";
    const adapted_handler handler =
        adapt<std::string>([&seen, greeting](const std::string& value, std::string_view region,
                                             const captures& all) -> asio::awaitable<void> {
          co_await pass_a_turn();
          seen = greeting + value + std::string(region) + std::string(all["id"]);
        });
    call(handler, stored("a value that is not stored within the string itself"));
  }
  EXPECT_EQ(seen,
            "a long text that is not stored within the string itself: a value that is not stored within the "
            "string itselfeu17");
}

TEST(signatures, of_messages) {
  auto item = std::make_shared<delivery>();
  item->received = message("orders.eu.17", "", "", "5");
  item->key = item->received.subject();
  item->found = captures(orders_pattern, item->key);
  std::string seen;
  call(adapt<message, occasion::message>([&](message m) { seen = m.payload(); }), item);
  EXPECT_EQ(seen, "5");
  call(adapt<int, occasion::message>(
           [&](int v, std::string_view region) { seen = std::to_string(v) + std::string(region); }),
       item);
  EXPECT_EQ(seen, "5eu");
  EXPECT_EQ(seen, "5eu");
}

TEST(dead_letters, have_the_key_with_what_no_key_has_escaped) {
  EXPECT_EQ(handling::dead_letter_key("B", "orders.eu/17"), "B.orders.eu/17");
  EXPECT_EQ(handling::dead_letter_key("", "a.b"), "a.b");
  EXPECT_EQ(handling::dead_letter_key("B", "a=b ü"), "B.a=3Db=20=C3=BC");
}

}  // namespace
}  // namespace kvco::test
