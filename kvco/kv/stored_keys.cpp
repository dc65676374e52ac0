// The subjects that the stream has, counted or listed in pages, see the header.
#include <kvco/kv/stored_keys.hpp>

#include <algorithm>
#include <iterator>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/subject_page.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/steps.hpp>
#include <string_view>
#include <utility>

namespace kvco::kv {
namespace {

using texts = std::vector<std::string>;

// Without those that others cover.
struct wanted_filters {
  explicit wanted_filters(const texts& filters) {
    refuse(check_filters(filters));
    jetstream::filter_plan plan = jetstream::plan_filters(filters, true);
    overlap = !plan.client.empty();
    all = std::move(overlap ? plan.client : plan.server);
  }
  texts all;
  bool overlap = false;  // a key may match more than one of them
};

/// The subjects of one filter, page by page. Keys that come and go meanwhile shift the pages, which are sorted: each begins with the
/// last name of the one before it, or with one before that. If it does not, some may be missing between them, and one that begins
/// earlier is requested instead.
class subject_pages {
 public:
  std::uint64_t offset() const noexcept { return offset_; }
  bool at_end() const noexcept { return at_end_; }

  void add(jetstream::subject_page page) {
    texts& found = page.subjects;
    if (offset_ > 0 && (found.empty() || found.front() > all_.back())) {
      offset_ -= std::min(offset_, std::exchange(back_, 2 * back_));
      return;
    }
    back_ = 1;
    const std::uint64_t end = offset_ + found.size();
    at_end_ = found.empty() || end >= page.total;
    offset_ = at_end_ ? end : end - 1;
    const auto first_new =
        all_.empty() ? found.begin() : std::upper_bound(found.begin(), found.end(), all_.back());
    all_.insert(all_.end(), std::move_iterator(first_new), std::move_iterator(found.end()));
  }
  texts take() noexcept { return std::move(all_); }

 private:
  texts all_;
  std::uint64_t offset_ = 0, back_ = 1;
  bool at_end_ = false;
};

asio::awaitable<texts> list_subjects(bucket_ptr bucket, std::string filter, core::time_point until,
                                     progress* done) {
  const std::string subject = bucket->key_prefix + filter;
  subject_pages pages;
  while (!pages.at_end()) {
    std::string body = jetstream::subject_page_request(subject, pages.offset());
    const api_reply reply = co_await ask_for_info(bucket, std::move(body), until, done);
    pages.add(take_value(*bucket, jetstream::parse_subject_page(reply.payload)));
  }
  co_return pages.take();
}

// Each once, sorted.
asio::awaitable<texts> list_all(bucket_ptr bucket, wanted_filters filters, core::time_point until,
                                progress* done) {
  texts all;
  for (const std::string& filter : filters.all) {
    texts some = co_await list_subjects(bucket, filter, until, done);
    all.insert(all.end(), std::move_iterator(some.begin()), std::move_iterator(some.end()));
  }
  if (filters.all.size() > 1) std::sort(all.begin(), all.end());
  if (filters.overlap) all.erase(std::unique(all.begin(), all.end()), all.end());
  co_return all;
}

}  // namespace

asio::awaitable<std::uint64_t> count_keys(bucket_ptr bucket, std::vector<std::string> filters,
                                          duration timeout, progress* done) {
  const core::time_point until = deadline_of(*bucket->session, timeout);
  wanted_filters wanted(filters);
  if (wanted.overlap) {
    const texts all = co_await list_all(bucket, std::move(wanted), until, done);
    co_return all.size();
  }
  std::uint64_t sum = 0;
  for (const std::string& filter : wanted.all) {
    std::string body = jetstream::count_subjects_request(bucket->key_prefix + filter);
    const api_reply reply = co_await ask_for_info(bucket, std::move(body), until, done);
    sum += take_value(*bucket, jetstream::parse_subject_count(reply.payload));
  }
  co_return sum;
}

asio::awaitable<std::vector<std::string>> list_stored_keys(bucket_ptr bucket,
                                                           std::vector<std::string> filters, duration timeout,
                                                           progress* done) {
  const core::time_point until = deadline_of(*bucket->session, timeout);
  wanted_filters wanted(filters);
  const texts subjects = co_await list_all(bucket, std::move(wanted), until, done);
  texts keys;
  for (std::string_view key : subjects) {
    if (!key.starts_with(bucket->key_prefix)) continue;
    key.remove_prefix(bucket->key_prefix.size());
    if (jetstream::is_readable_key(key)) keys.emplace_back(key);  // as in bucket::keys()
  }
  co_return keys;
}

}  // namespace kvco::kv
