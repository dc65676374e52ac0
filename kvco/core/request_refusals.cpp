// The server's -ERR: it answers something written before it, which gets no other answer. core/written_log.hpp finds the candidates.
#include <kvco/core/request_queue.hpp>

#include <algorithm>

namespace kvco::core {
namespace {

// From this number of subjects on, searching a segment of the log costs more than a PING that ends the segment.
constexpr std::size_t many_subjects = 4096;
// The number of publishes that are each followed by a PING while the cause of the server's errors is unknown. It is large enough to
// find the cause, which is among the first publishes of a new connection.
constexpr std::size_t fences_of_a_search = 1000;

void inform(subscriber* whose, const error_code& code, const std::string& words) {
  if (whose != nullptr) whose->on_refused(code, words);
}

}  // namespace

void request_queue::fence_next(std::size_t publishes) {
  if (fences_ == 0 && ready()) fence();
  fences_ = std::max(fences_, publishes);
}

void request_queue::on_error_line(const error_line& named, std::string_view published,
                                  const std::string& words) {
  using about = error_line::about;
  switch (named.what) {
    case about::publish:
      return on_publish_refused(named, published, words);
    case about::reply:
      if (waiter* const open = inbox_.waiting_for(named.subject)) {
        finish(static_cast<request&>(*open), client_error::permission_denied, words);
      }
      return;
    case about::subscription:
      return inform(named.sid != 0 ? subscriptions_.find(named.sid) : subscriptions_.find(named.subject),
                    client_error::permission_denied, words);
    case about::some_subscription:
      return inform(subscriptions_.find(line_->log.take_subscription(line_->out.handed_over())),
                    client_error::refused_by_server, words);
    default:
      return;
  }
}

void request_queue::on_publish_refused(const error_line& named, std::string_view published,
                                       const std::string& words) {
  written_log& log = line_->log;
  const std::uint64_t sent = line_->out.handed_over();
  auto refused = log.take(named.subject, sent);
  if (refused.empty()) refused = log.take(published, sent);
  if (refused.empty()) {
    // The account maps subjects, and the -ERR names a mapped one.
    written* const only = log.only_suspect(sent);
    if (only == nullptr || only->published_to().empty()) return fence_next(fences_of_a_search);
    refused.push_back(log.take_one(*only));
  }
  if (refused.front().as_note() != nullptr) {
    const std::uint64_t sid = refused.front().as_note()->sid;
    return inform(subscriptions_.find(sid), client_error::permission_denied, words);
  }
  refuse_all(refused, words);
}

// The -ERR is about one of these requests. Reads fail with it, whichever was refused; of several writes the refused one is not
// known, so their outcome is unknown.
void request_queue::refuse_all(written_log::list& refused, const std::string& words) {
  const auto writes = std::count_if(refused.begin(), refused.end(), [](const written& each) {
    return static_cast<const request&>(each).effect_ == effect::write;
  });
  while (!refused.empty()) {
    auto& pending = static_cast<request&>(refused.front());
    refused.pop_front();
    if (pending.effect_ != effect::write || writes == 1) {
      finish(pending, client_error::permission_denied, words);
    } else {
      finish(pending, client_error::outcome_unknown, "sent, and then: " + words);
    }
  }
  if (writes > 1 || line_->log.indexed() > many_subjects) fence();
}

// The server has ended the connection because of something that it has read: finds the request, as far as that is possible. A read
// could be sent again, so it fails only when it is the only suspect and was suspected when an earlier connection ended.
void request_queue::find_cause_of_end(const error_line& end, const std::string& detail) {
  if (!end.blames_what_was_written()) return;
  const bool by_input = end.what == error_line::about::input;
  const client_error code =
      end.is_too_large ? client_error::value_over_max_payload : client_error::refused_by_server;
  const std::uint64_t sent = line_->out.handed_over();
  written* const only = line_->log.only_suspect(sent);
  const auto suspects = line_->log.suspects(sent);
  for (written* each : suspects) {
    if (const written_note* note = each->as_note()) {
      if (each == only && by_input) inform(subscriptions_.find(note->sid), code, detail);
      continue;
    }
    auto& pending = static_cast<request&>(*each);
    const bool is_read = pending.effect_ == effect::read;
    const bool is_known = each == only && (is_read ? pending.suspected_ : by_input);
    if (is_known) {
      finish(pending, code, detail);
    } else if (is_read) {
      pending.suspected_ = true;
    }
  }
  fence_next(suspects.size() + fences_of_a_search);
}

}  // namespace kvco::core
