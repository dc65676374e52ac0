// The part of a JetStream server that a watch talks to: STREAM.INFO, CONSUMER.CREATE and DELETE, deliveries.
#pragma once

#include <kvco/core/ordered_consumer.hpp>
#include <kvco_test/support/simulation/consumer_model.hpp>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::test {

class server_model {
 public:
  static constexpr core::duration inactive_threshold = std::chrono::minutes(5);

  server_model(generation kind, std::size_t history, std::int64_t window)
      : kind_(kind), window_(window), stream_(history) {}

  stream_model& stream() noexcept { return stream_; }
  const stream_model& stream() const noexcept { return stream_; }
  generation kind() const noexcept { return kind_; }

  jetstream::outcome<jetstream::stream_info> stream_info() const;
  /// @param filter  the one in the request's subject
  jetstream::outcome<jetstream::consumer_info> create(const std::string& name, std::string_view filter,
                                                      std::string_view request, core::time_point now);
  bool remove(std::string_view name);
  /// The revision of the last message of this subject, which may have wildcards; 0: there is none.
  jetstream::outcome<std::uint64_t> last_of(std::string_view filter) const;
  void answer(std::string_view flow_subject);
  void delete_stream();
  void recreate_stream();
  bool has_stream() const noexcept { return exists_; }

  /// What the client is subscribed to; empty: nothing.
  void set_interest(std::string subject, core::time_point now);

  /// Lets a consumer deliver; false if none has anything to do.
  bool step(core::time_point now, std::vector<delivery>& out);
  bool can_step() const;
  /// Lets a consumer hear of what was stored; false if all have.
  bool hear();
  /// Heartbeats, and the end of consumers that nobody listens to.
  void on_time(core::time_point now, std::vector<delivery>& out);
  std::optional<core::time_point> next_time() const;

  struct live_consumer {
    template <class... Arguments>
    explicit live_consumer(Arguments&&... arguments) : model(std::forward<Arguments>(arguments)...) {}

    consumer_model model;
    std::optional<core::time_point> idle_until;  // set: nobody listens
  };
  std::list<live_consumer>& consumers() noexcept { return consumers_; }
  const std::list<live_consumer>& consumers() const noexcept { return consumers_; }
  /// The consumer that this client listens to; nullptr if there is none.
  consumer_model* current();
  std::size_t created() const noexcept { return created_; }

 private:
  generation kind_;
  std::int64_t window_;
  stream_model stream_;
  std::list<live_consumer> consumers_;
  std::string interest_;
  std::size_t created_ = 0;
  bool exists_ = true;
};

}  // namespace kvco::test
