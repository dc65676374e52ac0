// The effect of each operation on a key, and its result.
#include "sample.hpp"

void show(std::string_view what, const std::optional<kvco::entry>& e) {
  cout << what << ": ";
  if (!e) cout << "nothing\n";
  if (e) cout << e->value() << " (revision " << e->revision() << ")\n";
}

void show(std::string_view what, const std::vector<kvco::entry>& history) {
  cout << what << ":";
  for (const kvco::entry& e : history) cout << " " << to_string(e.operation());
  cout << "\n";
}

asio::awaitable<void> put_get() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket people = co_await sample::empty_bucket(nats, "SAMPLE_PUT_GET", 10);

  // put() stores, whatever is there, and returns the revision: a number that grows with each write to the bucket.
  kvco::revision first = co_await people.put("ada", "mathematician");
  co_await people.put("ada", "countess");
  show("get", co_await people.get("ada"));
  show("get the first revision", co_await people.get_revision("ada", first));
  show("get what is not there", co_await people.get("grace"));

  // create() stores only where there is no value.
  auto [error, none] = co_await people.create("ada", "somebody else", kvco::nothrow);
  if (error == kvco::errc::key_exists) cout << "create over a value: refused\n";

  // erase() writes a marker behind the history; purge() leaves nothing but the marker.
  co_await people.erase("ada");
  show("get after erase", co_await people.get("ada"));
  show("history after erase", co_await people.history("ada"));
  co_await people.purge("ada");
  show("history after purge", co_await people.history("ada"));
  co_await people.create("ada", "back again");
  show("get after create", co_await people.get("ada"));

  // A value is any bytes. A dot in a key makes a hierarchy.
  const std::string bytes("\0\r\n\xff", 4);
  co_await people.put("bytes.four", bytes);
  co_await people.put("bytes.none", "");
  std::optional<kvco::entry> four = co_await people.get("bytes.four");
  cout << "any bytes: " << (four && four->value() == bytes ? "come back as they were\n" : "DAMAGED\n");
  cout << "keys that match bytes.*: " << (co_await people.keys("bytes.*")).size() << "\n";

  // By default any replica answers a get. The leader knows of every write that was acknowledged.
  show("get from the leader", co_await people.get("ada", {.consistency = kvco::consistency::leader}));

  // An invalid key is refused before anything is sent. Without kvco::nothrow an error is an exception.
  try {
    co_await people.put("ada lovelace", "mathematician");
  } catch (const boost::system::system_error& refused) {
    if (refused.code() == kvco::errc::invalid_key) cout << "put: " << refused.what() << "\n";
  }
  co_await nats.delete_bucket("SAMPLE_PUT_GET");
}

int main() { return sample::run(put_get()); }
