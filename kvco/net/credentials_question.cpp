// The function of config::credentials() at work.
#include <kvco/net/credentials_question.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/connection.hpp>

namespace kvco::net {
namespace {

// A function that throws before it has a coroutine throws in here as well.
asio::awaitable<credentials> give(std::shared_ptr<detail::credentials_source> source,
                                  credentials_request request) {
  auto answer = source->give(std::move(request));
  co_return co_await std::move(answer);
}

detail::refusal words_of(const std::exception_ptr& thrown) {
  detail::refusal refused;
  if (!thrown) return refused;
  refused.code = client_error::credentials_unavailable;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& known) {
    refused.detail = known.what();
  } catch (...) {
    refused.detail = "it has thrown something that is no std::exception";
  }
  return refused;
}

}  // namespace

asio::awaitable<std::shared_ptr<credentials_question>> ask_for_credentials(
    std::shared_ptr<detail::credentials_source> source, credentials_request request,
    std::shared_ptr<connection> conn, asio::any_io_executor executor) {
  const auto question = std::make_shared<credentials_question>();
  auto answered = [question, waiting = std::weak_ptr<connection>(conn)](std::exception_ptr thrown,
                                                                        credentials given) {
    question->refused = words_of(thrown);
    question->given = std::move(given);
    if (const auto open = waiting.lock()) open->interrupted.set();
  };
  asio::co_spawn(executor, give(std::move(source), std::move(request)),
                 asio::bind_cancellation_slot(question->stop.slot(), std::move(answered)));
  co_await conn->interrupted.wait(as_tuple_deferred);
  if (conn->closed) question->stop.emit(asio::cancellation_type::terminal);
  co_return question;
}

}  // namespace kvco::net
