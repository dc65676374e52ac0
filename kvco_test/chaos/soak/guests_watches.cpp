// What the clients of a soak watch, and how a watch ends.
#include <kvco_test/chaos/soak/guests.hpp>

#include <algorithm>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::watch_record;

watch_record::start start_of(const watch_options& how) {
  if (how.resume_from != 0) return watch_record::start::from;
  if (how.include_history) return watch_record::start::history;
  return how.updates_only ? watch_record::start::updates : watch_record::start::last;
}

}  // namespace

watch_options guests::any_watch_options() {
  watch_options how;
  switch (any(5)) {
    case 0:
      how.include_history = true;
      break;
    case 1:
      how.updates_only = true;
      break;
    case 2:
      how.resume_from = 1 + any(1 + *std::max_element(newest_of_slot_.begin(), newest_of_slot_.end()));
      break;
    default:
      how.initial_only = chance(0.3);
  }
  how.ignore_deletes = chance(0.3);
  how.meta_only = chance(0.3);
  if (chance(0.7)) how.heartbeat = milliseconds(200 + any(1000));
  return how;
}

void guests::watch(visit_ptr whose) {
  const bool of_kept = chance(0.6);
  const watch_options how = any_watch_options();
  const std::vector<std::string> filters =
      chance(0.6) ? std::vector<std::string>{">"} : std::vector<std::string>{"k.1.*", "k.2.>", "t.1"};
  const auto one = std::make_shared<watching>();
  one->whose = whose;
  one->last_end = steady_clock::now();
  one->by_batches = chance(0.5);
  one->slow = one->by_batches && chance(0.3);
  if (of_kept) note_watch(*one, how, filters);
  // The revision is one of kept: the other bucket may never have come so far.
  if (!of_kept && how.resume_from != 0) one->own = {errc::bucket_recreated};
  one->updates = (of_kept ? whose->kept : whose->torn).watch(filters, how);
  watches_.push_back(one);
  take_next(one);
  spawn("end of a watch", end_some_time(one));
}

void guests::note_watch(watching& one, const watch_options& how, std::vector<std::string> filters) {
  watch_record& record = notes_.watches.emplace_back();
  record.name = "watch " + std::to_string(notes_.watches.size());
  record.session = one.whose->session;
  record.where = start_of(how);
  record.from = how.resume_from;
  record.ignore_deletes = how.ignore_deletes;
  record.meta_only = how.meta_only;
  record.filters = std::move(filters);
  record.begin = steady_clock::now();
  one.notes = &record;
}

asio::awaitable<void> guests::end_some_time(watching_ptr one) {
  const moment due = steady_clock::now() + milliseconds(200 + any(9000));
  const auto is_time = [&] { return one->is_over || (steady_clock::now() > due && !quiet_) || stopping_; };
  co_await until(is_time, 1h);
  end_watch(one);
}

void guests::end_watch(watching_ptr one) {
  if (one->is_over) return;
  finish(one);
  if (one->waits->completions == 0) {
    one->waits->may_abort = true;
    call_log::must_end(*one->waits);
  }
  if (chance(0.5)) {
    one->updates.stop();
  } else {
    one->updates = watcher();
  }
}

void guests::finish(watching_ptr one) {
  one->is_over = true;
  if (one->notes != nullptr && one->notes->initial_ends == 0) one->notes->stopped_early = true;
  watches_.remove(one);
}

void guests::take_next(watching_ptr one) {
  if (one->is_over) return;
  const bool initial = !one->updates.initial_complete();
  const bool batch = one->by_batches && !initial;
  call& noted = log_.begin(initial ? "next_initial" : batch ? "next_batch" : "next", {}, one->own);
  noted.since = one->last_end;
  one->waits = &noted;
  if (batch) {
    return start<std::optional<std::vector<entry>>>(
        noted, one->whose, [&](auto handler) { one->updates.next_batch(std::move(handler)); },
        [this, one, &noted](error_code code, const std::optional<std::vector<entry>>& some) {
          took(one, noted, code, some.value_or(std::vector<entry>()));
        });
  }
  start<std::optional<entry>>(
      noted, one->whose,
      [&](auto handler) {
        initial ? one->updates.next_initial(std::move(handler)) : one->updates.next(std::move(handler));
      },
      [this, one, &noted](error_code code, const std::optional<entry>& some) {
        took(one, noted, code, some ? std::vector<entry>{*some} : std::vector<entry>());
      });
}

void guests::took(watching_ptr one, const call& noted, error_code code, const std::vector<entry>& entries) {
  if (one->is_over) return;
  // What ends a watch may come long before a slow user has taken what is queued.
  if (!one->slow) one->last_end = noted.end;
  const bool cancelled = code == asio::error::operation_aborted && noted.may_abort && !one->whose->over;
  const bool initial_ended = !code && entries.empty() && noted.what == "next_initial";
  if (initial_ended && one->notes != nullptr) {
    ++one->notes->initial_ends;
    one->notes->initial_size = one->notes->entries.size();
    one->notes->initial_at = noted.end;
  }
  if (entries.empty() && !cancelled && !initial_ended) return finish(one);
  for (const entry& e : entries) note_entry(*one, e);
  if (chance(0.003)) return end_watch(one);  // from its own handler
  if (one->slow && !quiet_ && chance(0.3)) return spawn("pause", take_later(one));
  take_next(one);
}

void guests::note_entry(watching& one, const entry& e) {
  if (e.revision() <= one.last) {
    failures_.push_back("a watch gave revision " + std::to_string(e.revision()) + " after " +
                        std::to_string(one.last));
  }
  one.last = e.revision();
  if (one.notes == nullptr) return;
  const std::uint64_t value = e.operation() == operation::put ? test::history::value_of(e.value()) : 0;
  one.notes->entries.push_back({e.revision(), notes_.key(e.key()), e.operation(), value});
}

asio::awaitable<void> guests::take_later(watching_ptr one) {
  co_await pause(milliseconds(any(300)));
  take_next(one);
}

asio::awaitable<void> guests::see_last_value(duration longest) {
  quiet_ = true;
  const auto somebody = std::make_shared<visit>();
  // One attempt ends after 2 s, which a machine with much other work may need.
  for (int attempt = 0; attempt < 5 && !somebody->nats.is_connected(); ++attempt)
    co_await connect_to(somebody);
  if (!somebody->nats.is_connected()) co_return failures_.push_back("nobody can connect at the end");
  somebody->kept = co_await somebody->nats.open_bucket(kept);
  test::operation_record& op = note(somebody, test::action::put, "k.last", 10s);
  const std::string value = text_of(op.value);
  auto [code, last] = co_await somebody->kept.put("k.last", value, nothrow);
  noted(op, code, last);
  if (code) co_return failures_.push_back("the last value: " + code.message());
  std::size_t lacking = 0;
  const auto all_seen = [&, wanted = last] {
    lacking = static_cast<std::size_t>(
        std::count_if(watches_.begin(), watches_.end(), [&](const watching_ptr& one) {
          return one->notes != nullptr && one->notes->filters.front() == ">" && one->last < wanted;
        }));
    return lacking == 0;
  };
  co_await until(all_seen, longest);
  if (lacking != 0) failures_.push_back(std::to_string(lacking) + " watches have not seen the last value");
  depart(somebody);
}

}  // namespace kvco::chaos::soak
