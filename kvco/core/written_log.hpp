// What left for the server, in order, until it is known that the server has read it: an -ERR belongs to something of it.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <kvco/detail/text_hash.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

struct written_order_tag;
struct same_subject_tag;
struct written_note;

template <class Tag>
using written_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Something that was written and that the server may refuse. It leaves the log by itself when it is destroyed.
class written : public written_hook<written_order_tag>, public written_hook<same_subject_tag> {
 public:
  /// What it was published to; empty for a subscription.
  virtual std::string_view published_to() const noexcept = 0;
  /// Set: nobody waits for an answer to it.
  virtual const written_note* as_note() const noexcept { return nullptr; }
  /// Where it begins in the outbox.
  std::uint64_t position() const noexcept { return position_; }

 protected:
  ~written() = default;

 private:
  friend class written_log;
  using order_hook = written_hook<written_order_tag>;
  using subject_hook = written_hook<same_subject_tag>;
  std::uint64_t position_ = 0;
  std::uint64_t segment_ = 0;
};

/// A SUB, or a message that nobody answers.
struct written_note final : written {
  written_note(std::string_view to, std::uint64_t of) : subject(to), sid(of) {}
  std::string_view published_to() const noexcept override { return subject; }
  const written_note* as_note() const noexcept override { return this; }
  std::string subject;  // empty: the SUB itself
  std::uint64_t sid;    // the subscription on whose behalf it was written; 0: nobody wants to know
};

/// The log of one connection. The server reads in order and answers each PING: an -ERR that comes between two PONGs belongs to
/// what was written between their PINGs, to the log's first segment. What is answered leaves it; nothing is done for it before the
/// first -ERR.
class written_log {
 public:
  using list = boost::intrusive::list<written, boost::intrusive::base_hook<written_hook<written_order_tag>>,
                                      boost::intrusive::constant_time_size<false>>;

  written_log() { clear(); }

  void add(written& what, std::uint64_t position) noexcept;
  void add_note(std::string_view published_to, std::uint64_t sid, std::uint64_t position);
  /// It has been answered.
  static void remove(written& what) noexcept;
  /// It has not been answered, and nobody waits for that any more: whose an -ERR is may be unknown until the next PONG.
  /// True: no PING has been written behind it.
  bool leave(written& what) noexcept;
  /// A PING was written, at this position of the outbox.
  void fence(std::uint64_t position);
  /// The first PING that was not answered is.
  void confirm() noexcept;
  void clear() noexcept;

  // The first segment, up to what was handed over to the socket.
  /// Takes what an -ERR that names the subject may be about, in order: all that wait for an answer, else one note.
  list take(std::string_view published_to, std::uint64_t handed_over);
  /// Takes the subscription that an -ERR which names none is about; 0: it is none of these.
  std::uint64_t take_subscription(std::uint64_t handed_over);
  /// All of it, in order.
  std::vector<written*> suspects(std::uint64_t handed_over);
  /// It is the only one that an -ERR which came now could be about; nullptr: there are others, or none.
  written* only_suspect(std::uint64_t handed_over) noexcept;
  /// When an -ERR about one of them has ended the connection: what begins here or later has not been carried out. It stands behind
  /// a PING without an answer; and the last one before that is the culprit, or behind it.
  std::uint64_t undone_from(std::uint64_t handed_over) const noexcept;
  /// Its subjects were looked at; it should be ended by a PING when there are many.
  std::size_t indexed() const noexcept { return index_.size(); }

 private:
  using subject_list =
      boost::intrusive::list<written, boost::intrusive::base_hook<written_hook<same_subject_tag>>,
                             boost::intrusive::constant_time_size<false>>;
  struct segment {
    list items;
    std::size_t notes = 0;
    std::uint64_t end = UINT64_MAX;  // where its PING stands
    bool blurred = false;            // something that was not answered has left it
  };

  void index_first() noexcept;

  std::deque<segment> segments_;
  std::uint64_t first_segment_ = 0;  // its number
  std::deque<written_note> notes_;
  // Of the first segment, as far as it was looked at; from the first -ERR on.
  absl::flat_hash_map<std::string, std::unique_ptr<subject_list>, detail::text_hash, std::equal_to<>> index_;
};

}  // namespace kvco::core
