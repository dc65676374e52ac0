// The server's -ERR: an answer to something that was written before it, which has no other one. core/written_log.hpp knows to what.
#include <kvco/net/session.hpp>

#include <kvco/detail/concat.hpp>

namespace kvco::net {
namespace {

// Of a segment of the log: then it costs more than a PING.
constexpr std::size_t many_subjects = 4096;
// So many publishes have a PING behind them while it is not known whose the server's errors are: enough for the culprit, which is
// among the first ones of a new connection.
constexpr std::size_t fences_of_a_search = 1000;

}  // namespace

void session::watch_closely(std::size_t publishes) {
  if (fences_ == 0 && ready()) fence();
  fences_ = std::max(fences_, publishes);
}

void session::on_error_line(const core::error_line& line) {
  using about = core::error_line::about;
  const std::string words = conn_->link.detail();
  if (telemetry_) {
    const bool limit = line.what == about::some_subscription;
    telemetry_->log(log_level::warning, limit ? "refused by the server" : "permission denied",
                    {{"detail", words}});
  }
  switch (line.what) {
    case about::publish:
      return on_publish_refused(line.subject, words);
    case about::reply:
      if (core::waiter* const open = inbox_.waiting_for(line.subject)) {
        finish(static_cast<request&>(*open), client_error::permission_denied, words);
      }
      return;
    case about::subscription:
      return tell_refused(line.sid != 0 ? dispatcher_.find(line.sid) : dispatcher_.find(line.subject),
                          client_error::permission_denied, words);
    case about::some_subscription:
      return tell_refused(dispatcher_.find(conn_->log.take_subscription(conn_->out.handed_over())),
                          client_error::refused_by_server, words);
    default:
      return;
  }
}

void session::tell_refused(core::subscriber* whose, const error_code& code, const std::string& words) {
  if (whose != nullptr) whose->on_refused(code, words);
}

void session::on_publish_refused(const std::string& subject, const std::string& words) {
  core::written_log& log = conn_->log;
  const std::uint64_t sent = conn_->out.handed_over();
  auto refused = log.take(subject, sent);
  if (refused.empty()) refused = log.take(api_.as_published(subject), sent);
  if (refused.empty()) {
    // The account maps subjects: this is the name of one of them behind that.
    core::written* const only = log.only_suspect(sent);
    if (only == nullptr || only->published_to().empty()) return watch_closely(fences_of_a_search);
    core::written_log::remove(*only);
    refused.push_back(*only);
  }
  if (refused.front().as_note() != nullptr) {
    const std::uint64_t sid = refused.front().as_note()->sid;
    return tell_refused(dispatcher_.find(sid), client_error::permission_denied, words);
  }
  const auto is_write = [](const core::written& each) {
    return static_cast<const request&>(each).effect_ == effect::write;
  };
  const auto writes = std::count_if(refused.begin(), refused.end(), is_write);
  while (!refused.empty()) {
    auto& pending = static_cast<request&>(refused.front());
    refused.pop_front();
    if (pending.effect_ != effect::write || writes == 1) {
      finish(pending, client_error::permission_denied, words);
    } else {
      finish(pending, client_error::outcome_unknown, "sent, and then: " + words);
    }
  }
  if (writes > 1 || log.indexed() > many_subjects) fence();
}

// The subscription for replies. What was asked for may have been done.
void session::on_refused(const error_code& code, const std::string& words) {
  inbox_refused_ = code;
  inbox_words_ = words;
  if (std::exchange(inbox_question_.sent, false)) take_back(inbox_question_);
  inbox_.for_each([&](core::waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (pending.effect_ != effect::write) {
      finish(pending, code, words);
    } else {
      finish(pending, client_error::outcome_unknown, "sent, and then: " + words);
    }
  });
}

// The server has ended the connection with words about what it has read: whose they are, as far as that can be known. What may be
// sent once more is ended by the second connection that ends with it.
void session::accuse() {
  const auto& error = conn_->last_error;
  if (!error || !error->blames_what_was_written()) return;
  const bool by_input = error->what == core::error_line::about::input;
  const client_error code =
      error->is_too_large ? client_error::value_over_max_payload : client_error::refused_by_server;
  const std::uint64_t sent = conn_->out.handed_over();
  core::written* const only = conn_->log.only_suspect(sent);
  const auto suspects = conn_->log.suspects(sent);
  for (core::written* each : suspects) {
    if (const core::written_note* note = each->as_note()) {
      if (each == only && by_input) tell_refused(dispatcher_.find(note->sid), code, conn_->detail);
      continue;
    }
    auto& pending = static_cast<request&>(*each);
    const bool is_read = pending.effect_ == effect::read;
    const bool is_known = each == only && (is_read ? pending.suspected_ : by_input);
    if (is_known) {
      finish(pending, code, conn_->detail);
    } else if (is_read) {
      pending.suspected_ = true;
    }
  }
  watch_closely(suspects.size() + fences_of_a_search);
}

}  // namespace kvco::net
