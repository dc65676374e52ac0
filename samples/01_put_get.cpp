// What each operation does to a key, and what it answers.
#include "sample.hpp"

void show(std::string_view what, const std::optional<kvco::entry>& e) {
  cout << what << ": ";
  if (e)
    cout << e->value() << " (revision " << e->revision() << ")\n";
  else
    cout << "nothing\n";
}

asio::awaitable<void> count_history(kvco::bucket people, std::string what) {
  std::vector<kvco::entry> kept = co_await people.history("ada");
  cout << what << ": " << kept.size() << " revisions are kept, the last one is of kind "
       << to_string(kept.back().operation()) << "\n";
}

asio::awaitable<void> put_get() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket people = co_await sample::empty_bucket(nats, "SAMPLE_PUT_GET", 10);

  // put() stores, whatever is there. Each write of the bucket has a revision of its own.
  kvco::revision first = co_await people.put("ada", "mathematician");
  co_await people.put("ada", "countess");
  show("get", co_await people.get("ada"));
  show("get the first revision", co_await people.get_revision("ada", first));
  show("get what is not there", co_await people.get("grace"));

  // create() stores only where there is no value.
  auto [refused, none] = co_await people.create("ada", "somebody else", kvco::nothrow);
  if (refused == kvco::errc::key_exists) cout << "create over a value: refused\n";

  // Any bytes are a value. The size is known without them, too.
  const std::string bytes("\0\r\n\xff", 4);
  co_await people.put("bytes", bytes);
  std::optional<kvco::entry> e = co_await people.get("bytes");
  cout << "four bytes: " << (e && e->value() == bytes ? "come back as they were\n" : "are damaged\n");

  // erase() writes a marker behind the history; purge() leaves nothing but the marker.
  co_await people.erase("ada");
  show("get after erase", co_await people.get("ada"));
  co_await count_history(people, "erase");
  co_await people.purge("ada");
  co_await count_history(people, "purge");
  show("get after create", (co_await people.create("ada", "is back"), co_await people.get("ada")));

  // A dot in a key makes a hierarchy.
  for (std::string_view key : {"eu.berlin", "eu.paris", "us.boston"}) co_await people.put(key, "a city");
  cout << "keys that match eu.*: " << (co_await people.keys("eu.*")).size() << "\n";

  // By default any replica answers. The leader knows of every write that was acknowledged.
  show("get from the leader", co_await people.get("ada", {.consistency = kvco::consistency::leader}));

  // What is refused here, before anything is sent, says why. Without kvco::nothrow an error is an exception.
  try {
    co_await people.put("ada lovelace", "mathematician");
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == kvco::errc::invalid_key) cout << "put: " << failure.what() << "\n";
  }
  co_await nats.delete_bucket("SAMPLE_PUT_GET");
}

int main() { return sample::run(put_get()); }
