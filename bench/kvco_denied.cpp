// Puts that the server denies: each is one line "-ERR", which has to find its put among all that are in flight.
#include <bench/kvco_contestant.hpp>

#include <stdexcept>
#include <string>

namespace kvco::bench::kvco_works_of {
namespace {

asio::awaitable<void> put_denied(kvco::bucket& bucket, std::string key, meter& spent) {
  const auto [code, stored] = co_await bucket.put(key, "v", nothrow);
  if (!code) throw not_offered("this server denies its user `denied` nothing");
  if (code != errc::permission_denied) throw boost::system::system_error(code);
  spent.done();
}

}  // namespace

outcome denied(kvco_client&, const task& what) {
  kvco_client nats(denied_url());
  std::size_t next = 0;
  meter spent(what.operations);
  nats.run([&] { return put_denied(nats.bucket(), key_name(next++), spent); }, what.operations);
  return spent.finish();
}

}  // namespace kvco::bench::kvco_works_of
