// Everything written to the server, in order, until the server is known to have read it: an -ERR belongs to
// one of these.
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
  /// The subject published to; empty for a subscription.
  virtual std::string_view published_to() const noexcept = 0;
  /// Set: no operation waits for an answer to it.
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

/// A SUB, or a message without an answer; several in a row, where they are alike.
struct written_note final : written {
  written_note(std::string_view to, std::uint64_t of) : subject(to), sid(of) {}
  std::string_view published_to() const noexcept override { return subject; }
  const written_note* as_note() const noexcept override { return this; }
  std::string subject;  // empty: the SUB itself
  std::uint64_t sid;    // the subscription on whose behalf it was written; 0: no subscription is notified
  std::size_t messages = 1;
  std::uint64_t last = 0;  // where the last of several messages begins
};

/// The log of one connection. The server reads in order and answers each PING: an -ERR between two PONGs
/// belongs to something written between their PINGs, to the log's first segment. Answered items leave the
/// log; no work is done for it before the first -ERR.
class written_log {
 public:
  using list = boost::intrusive::list<written, boost::intrusive::base_hook<written_hook<written_order_tag>>,
                                      boost::intrusive::constant_time_size<false>>;

  written_log() { clear(); }

  void add(written& what, std::uint64_t position) noexcept;
  void add_note(std::string_view published_to, std::uint64_t sid, std::uint64_t position);
  /// It has been answered.
  static void remove(written& what) noexcept;
  /// Removes it, or one of its messages; that is valid until the next call.
  written& take_one(written& what) noexcept;
  /// It has not been answered, and no operation waits for that any more: the cause of an -ERR may be unknown
  /// until the next PONG. True: no PING has been written after it.
  bool leave(written& what) noexcept;
  /// A PING was written, at this position of the outbox.
  void fence(std::uint64_t position);
  /// The first PING that was not answered is.
  void confirm() noexcept;
  void clear() noexcept;
  /// The number of messages and SUBs in the notes: the server is not known to have read them.
  std::size_t unread() const noexcept { return unread_; }

  // The first segment, up to the bytes handed over to the socket.
  /// Takes the items that an -ERR which names the subject may be about, in order: all that wait for an answer, else
  /// one note.
  list take(std::string_view published_to, std::uint64_t handed_over);
  /// Takes the subscription that an -ERR which names none is about; 0: it is none of these.
  std::uint64_t take_subscription(std::uint64_t handed_over);
  /// All of it, in order.
  std::vector<written*> suspects(std::uint64_t handed_over);
  /// It is the only one that an -ERR which came now could be about; nullptr: there are others, or none.
  written* only_suspect(std::uint64_t handed_over) noexcept;
  /// When an -ERR about one of them has ended the connection: items that begin here or later have not been
  /// carried out. The position is after a PING without an answer; the last item before that PING is the cause,
  /// or comes after it.
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
    std::size_t unread = 0;          // of the notes
    std::uint64_t end = UINT64_MAX;  // the position of its PING
    bool blurred = false;            // something that was not answered has left it
  };

  void index_first() noexcept;
  bool add_to_last(std::string_view published_to, std::uint64_t position) noexcept;

  std::deque<segment> segments_;
  std::uint64_t first_segment_ = 0;  // its number
  std::deque<written_note> notes_;
  written_note part_{{}, 0};  // of a note with several messages
  std::size_t unread_ = 0;
  // Of the first segment, as far as it was looked at; from the first -ERR on.
  absl::flat_hash_map<std::string, std::unique_ptr<subject_list>, detail::text_hash, std::equal_to<>> index_;
};

}  // namespace kvco::core
