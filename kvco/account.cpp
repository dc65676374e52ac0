// Questions about a client's account, and its buckets one by one: delegated to kv/.
#include <kvco/account.hpp>

#include <kvco/bucket_listing.hpp>
#include <kvco/client_access.hpp>
#include <kvco/kv/account.hpp>
#include <kvco/kv/bucket_pages.hpp>
#include <kvco/net/observation.hpp>
#include <kvco/net/session_owner.hpp>
#include <kvco/net/timeouts.hpp>

namespace kvco {

namespace detail {
operation_ptr<account_info> account_questions::prepare_info(const client& nats,
                                                            const request_options& options) {
  const auto session = client_access::session_of(nats);
  if (!session) return {};
  return net::make_observed_task<account_info>(session, operation_kind::account_info, {}, 0, options.diag,
                                               [session, options](net::progress* done) {
                                                 return kv::get_account_info(session, options.timeout, done);
                                               });
}

operation_ptr<capabilities> account_questions::prepare_capabilities(const client& nats,
                                                                    const request_options& options) {
  const auto session = client_access::session_of(nats);
  if (!session) return {};
  return net::make_observed_task<capabilities>(session, operation_kind::capabilities, {}, 0, options.diag,
                                               [session, options](net::progress* done) {
                                                 return kv::get_capabilities(session, options.timeout, done);
                                               });
}

}  // namespace detail

namespace {

namespace asio = boost::asio;
using pages_ptr = std::shared_ptr<kv::bucket_pages>;

void result_of(const bucket_status& from, std::string& to) { to = from.config.name(); }
void result_of(bucket_status& from, bucket_status& to) { to = std::move(from); }

template <class T>
asio::awaitable<std::optional<T>> next_of(pages_ptr pages, net::progress* done) {
  if (pages->is_in_use) {
    throw net::failure(client_error::already_waiting, "next() while another one waits");
  }
  struct turn {
    explicit turn(pages_ptr of) : pages(std::move(of)) { pages->is_in_use = true; }
    ~turn() { pages->is_in_use = false; }
    pages_ptr pages;
  } mine(pages);
  const core::time_point until = net::deadline_of(*pages->owner(), pages->options().timeout);
  std::optional<bucket_status> found = co_await pages->next(until, done);
  if (!found) co_return std::nullopt;
  T result{};
  result_of(*found, result);
  co_return result;
}

template <class T>
detail::operation_ptr<std::optional<T>> prepare_next_of(const pages_ptr& pages) {
  if (!pages) return {};
  return net::make_observed_task<std::optional<T>>(
      pages->owner(), operation_kind::list_buckets, {}, 0, pages->options().diag,
      [pages](net::progress* done) { return next_of<T>(pages, done); });
}

template <class T>
bucket_listing<T> list(const client& nats, kv::bucket_pages::content wanted, const request_options& options) {
  const auto session = detail::client_access::session_of(nats);
  if (!session) return {};
  return {std::make_shared<kv::bucket_pages>(session, wanted, options),
          detail::client_access::owner_of(nats)};
}

}  // namespace

template <>
detail::operation_ptr<std::optional<std::string>> bucket_listing<std::string>::prepare_next() {
  return prepare_next_of<std::string>(pages_);
}
template <>
detail::operation_ptr<std::optional<bucket_status>> bucket_listing<bucket_status>::prepare_next() {
  return prepare_next_of<bucket_status>(pages_);
}

bucket_listing<std::string> list_bucket_names(const client& nats, request_options options) {
  return list<std::string>(nats, kv::bucket_pages::content::names, options);
}
bucket_listing<bucket_status> list_bucket_statuses(const client& nats, request_options options) {
  return list<bucket_status>(nats, kv::bucket_pages::content::statuses, options);
}

}  // namespace kvco
