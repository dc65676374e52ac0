// Values and keys with types, and values that expire, beside other clients.
#include <kvco_test/interop/pairing.hpp>
#include <kvco_test/typed/order.hpp>

#include <algorithm>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

// --- values -------------------------------------------------------------------------------------------------------------

class interop_values : public interop_fixture {};
INSTANTIATE_TEST_SUITE_P(with, interop_values,
                         testing::ValuesIn(pairings({"nats_io_kv", "nats_js", "nats_c"}, {"newest"})),
                         name_of);

// What nats.net stores of an object, a number and a text, whoever has stored it.
TEST_P(interop_values, are_the_bytes_of_nats_net) {
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    const typed_bucket<order> orders(b);
    const typed_bucket<int> numbers(b);
    const typed_bucket<std::string> texts(b);
    const std::string object = R"({"Id":1})", text = "crème";
    EXPECT_EQ(co_await orders.put("ours.object", {1}), 1u);
    EXPECT_EQ(co_await numbers.put("ours.number", -42), 2u);
    EXPECT_EQ(co_await texts.put("ours.text", text), 3u);
    EXPECT_EQ(other.ask("get ours.object"), "1:PUT:ours.object:" + to_hex(object));
    EXPECT_EQ(other.ask("get ours.number"), "2:PUT:ours.number:" + to_hex("-42"));
    EXPECT_EQ(other.ask("get ours.text"), "3:PUT:ours.text:" + to_hex(text));
    EXPECT_EQ(other.ask("put theirs.object " + to_hex(object)), "4");
    EXPECT_EQ(other.ask("put theirs.number " + to_hex("-42")), "5");
    EXPECT_EQ(other.ask("put theirs.text " + to_hex(text)), "6");
    EXPECT_EQ(describe(co_await orders.get("theirs.object")), R"(theirs.object@4={"Id":1})");
    EXPECT_EQ(describe(co_await numbers.get("theirs.number")), "theirs.number@5=-42");
    EXPECT_EQ(describe(co_await texts.get("theirs.text")), "theirs.text@6=crème");
    auto updates = orders.watch("theirs.*");
    EXPECT_EQ(describe(co_await updates.next()), R"(theirs.object@4={"Id":1})");
  });
}

class interop_objects : public interop_fixture {};
INSTANTIATE_TEST_SUITE_P(with, interop_objects,
                         testing::ValuesIn(pairings({"nats_io_kv", "nats_js"}, {"newest"})), name_of);

TEST_P(interop_objects, are_parsed_on_both_sides) {
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    const typed_bucket<order> orders(b);
    co_await orders.put("order-1", {1});
    EXPECT_EQ(other.ask("object order-1"), "1");
    EXPECT_EQ(other.ask("put_object order-2 2"), "2");
    EXPECT_EQ(describe(co_await orders.get("order-2")), R"(order-2@2={"Id":2})");
    EXPECT_EQ(co_await value_of(b, "order-2"), R"({"Id":2})");
  });
}

// --- codecs of keys -----------------------------------------------------------------------------------------------------

// The older client (nats 2.29.3) does not decode the keys of what it gets.
class interop_keys : public interop_fixture {};
INSTANTIATE_TEST_SUITE_P(with, interop_keys,
                         testing::ValuesIn(pairings({"nats_io_kv"}, server_generations())), name_of);

/// The codec of @nats-io/kv: base64 with padding, token by token. Its own rules refuse a key in which a token becomes one with `+`.
struct padded_base64 {
  static constexpr std::string_view name = "base64";

  std::string encode(std::string_view key) const {
    std::string text = url.encode(key), padded;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('.', begin), text.size());
      std::string token = text.substr(begin, end - begin);
      std::ranges::replace(token, '-', '+');
      std::ranges::replace(token, '_', '/');
      token.append((4 - token.size() % 4) % 4, '=');
      padded += (begin == 0 ? "" : ".") + token;
      begin = end + 1;
    }
    return padded;
  }
  decoded<std::string> decode(std::string_view from) const {
    std::string stored(from);
    std::erase(stored, '=');
    std::ranges::replace(stored, '+', '-');
    std::ranges::replace(stored, '/', '_');
    return url.decode(stored);
  }
  base64_key_codec url;
};

/// Both sides read, list and watch the keys of the other one.
template <class Codec>
asio::awaitable<void> share_keys(bucket plain, peer& other, std::string ours, std::string theirs,
                                 std::string stored) {
  const typed_bucket<std::string, text_codec, Codec> b(plain);
  const std::string one = "1", three = "3";
  co_await b.put(ours, one);
  EXPECT_EQ(co_await keys_of(plain), stored);
  EXPECT_EQ(other.ask("get " + ours), "1:PUT:" + ours + ":31");
  EXPECT_EQ(other.ask("put " + theirs + " 32"), "2");
  EXPECT_EQ(describe(co_await b.get(theirs)), theirs + "@2=2");
  EXPECT_EQ(other.ask("keys"), show(std::vector<std::string>{ours, theirs}));
  const std::vector<std::string> keys = co_await b.keys();
  EXPECT_EQ(show(keys), show(std::vector<std::string>{ours, theirs}));
  auto updates = b.watch(ours);
  EXPECT_EQ(describe(co_await updates.next()), ours + "@1=1");
  EXPECT_EQ(other.ask("watch >"), "");
  EXPECT_EQ(other.ask("next"), "1:PUT:" + ours + ":31");
  EXPECT_EQ(other.ask("next"), "2:PUT:" + theirs + ":32");
  co_await b.put(theirs, three);
  EXPECT_EQ(other.ask("next"), "3:PUT:" + theirs + ":33");
  EXPECT_EQ(other.ask("delete " + ours), "");
  EXPECT_EQ(describe(co_await updates.next()), ours + "@4 DEL");
}

TEST_P(interop_keys, of_any_text_are_those_of_orbit) {
  EXPECT_EQ(other.ask("codec base64url"), "");
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    co_await share_keys<base64_key_codec>(b, other, "app.käse!.a/b?", "app.ключ.~~~", "YXBw.a8Okc2Uh.YS9iPw");
  });
}

TEST_P(interop_keys, have_the_codec_of_another_library_as_one_of_the_user) {
  EXPECT_EQ(other.ask("codec base64"), "");
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    co_await share_keys<padded_base64>(b, other, "app.a:b.c", "app.$%&.x", "YXBw.YTpi.Yw==");
  });
}

// Others read the stored form of a path.
TEST_P(interop_keys, of_paths_are_tokens_to_others) {
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    const typed_bucket<std::string, text_codec, path_key_codec> paths(b);
    const std::string one = "1";
    co_await paths.put("/etc/hosts", one);
    EXPECT_EQ(other.ask("get _root_.etc.hosts"), "1:PUT:_root_.etc.hosts:31");
    EXPECT_EQ(other.ask("put _root_.etc.passwd 32"), "2");
    EXPECT_EQ(describe(co_await paths.get("/etc/passwd")), "/etc/passwd@2=2");
    const std::vector<std::string> keys = co_await paths.keys("/etc/*");
    EXPECT_EQ(show(keys), "/etc/hosts /etc/passwd");
  });
}

// --- values that expire -------------------------------------------------------------------------------------------------

class interop_expiry : public interop_fixture {};
INSTANTIATE_TEST_SUITE_P(with, interop_expiry, testing::ValuesIn(pairings({"nats_io_kv"}, {"newest"})),
                         name_of);

TEST_P(interop_expiry, is_set_by_one_side_and_seen_by_the_other) {
  const bucket_config made = bucket_config("SHARED").limit_marker_ttl(60s);
  with_bucket(made, [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(other.ask("open SHARED"), "");
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    EXPECT_EQ(other.ask("watch >"), "");
    const auto both_see = [&](const std::string& seen) -> asio::awaitable<void> {
      EXPECT_EQ(other.ask("next"), seen);
      const std::optional<entry> e = co_await updates.next();
      EXPECT_EQ(peer_show(e), seen);
    };
    EXPECT_EQ(co_await b.create("ours", "a", {.ttl = 1s}), 1u);
    co_await both_see("1:PUT:ours:61");
    co_await both_see("2:PURGE:ours:");
    EXPECT_EQ(other.ask("create theirs 62 1s"), "3");
    co_await both_see("3:PUT:theirs:62");
    co_await both_see("4:PURGE:theirs:");
    EXPECT_EQ(co_await keys_of(b), "");
    // Each creates over the marker of the other one, and purges with a marker that expires.
    EXPECT_EQ(other.ask("create ours 63"), "5");
    EXPECT_EQ(co_await b.create("theirs", "d"), 6u);
    EXPECT_EQ(other.ask("purge theirs 1s"), "");
    EXPECT_EQ(co_await b.purge("ours", {.ttl = 1s}), 8u);
    bucket_status status;
    do {
      status = co_await b.status();
    } while (status.messages != 0);
    EXPECT_EQ(other.ask("get ours"), "none");
  });
}

TEST_P(interop_expiry, works_in_a_bucket_that_the_other_made) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    EXPECT_EQ(other.ask("make THEIRS 1 30"), "");
    bucket theirs = co_await nats.open_bucket("THEIRS");
    const bucket_status status = co_await theirs.status();
    EXPECT_EQ(status.config.limit_marker_ttl(), 30s);
    watcher updates = theirs.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    EXPECT_EQ(co_await theirs.create("k", "v", {.ttl = 1s}), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    EXPECT_EQ(co_await next_of(updates), "k@2 PURGE");
    EXPECT_EQ(other.ask("get k"), "2:PURGE:k:");
  });
}

}  // namespace
}  // namespace kvco::test
