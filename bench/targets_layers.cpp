// The targets of the layers above the connection and above buckets: messages, typed buckets, handlers, the command.
#include <bench/judgement.hpp>

namespace kvco::bench {
namespace {

// A handler is slower than the server, which sends a window of 32 MB ahead; a million entries are five times that.
constexpr double window_megabytes = 48;
constexpr double program_megabytes = 32;  // of the whole program

void judge_messages(judgement& all, const std::vector<row>& rows) {
  all.at_least("publish", 0.9, both(find(rows, "publish", 1, 0)).ratio(), floors);
  for (const std::size_t flight : {1u, 64u, 1024u}) {
    all.at_least("request, " + std::to_string(flight) + " in flight", 0.9,
                 both(find(rows, "request", flight, 0)).ratio(), floors);
  }
  all.at_least("a subscription", 0.85, both(largest(rows, "subscribe")).ratio(), floors);
}

// Processor time is not relative to the floor's, which is a third of it and as uncertain.
void judge_typed(judgement& all, const std::vector<row>& rows) {
  const auto time_of = [&](const std::string& work) {
    return both(find(rows, work, 1024, 0)).get([](const measured& k, const measured&) {
      return k.cpu_microseconds();
    });
  };
  for (const std::string work : {"put", "get"}) {
    all.at_most("typed " + work + ": client time", 1.3, quotient(time_of(work + "_typed"), time_of(work)),
                " x " + work);
  }
}

void judge_entries(judgement& all, const std::vector<row>& rows) {
  all.at_least("get_prefix", 0.9, both(largest(rows, "get_prefix")).ratio(), floors);
  const std::optional<double> watch = both(largest(rows, "watch")).ratio();
  for (const std::size_t flight : {1u, 64u}) {
    const row* bare = largest(rows, "watch");
    const both b(bare == nullptr ? nullptr : find(rows, "handlers", flight, bare->work.what.operations));
    const std::string name = "handlers, " + std::to_string(flight) + " at a time";
    all.at_least(name, 0.5, quotient(b.ratio(), watch), " x watch");
    all.at_most(name + ": memory grows by", window_megabytes, b.grown_megabytes(), " MB", 1);
  }
}

void judge_command(judgement& all, const std::vector<row>& rows) {
  const both imported(largest(rows, "command_import")), exported(largest(rows, "command_export"));
  all.at_least("kvco import", 0.7, quotient(imported.ratio(), both(largest(rows, "put_many")).ratio()),
               " x put_many");
  all.at_most("kvco import: memory", program_megabytes, imported.grown_megabytes(), " MB", 1);
  all.at_least("kvco export", 0.7, quotient(exported.ratio(), both(largest(rows, "watch")).ratio()),
               " x watch");
  all.at_most("kvco export: memory", program_megabytes, exported.grown_megabytes(), " MB", 1);
  const both get(largest(rows, "command_get"), "libnats");
  all.at_most("kvco get, from start to exit", 1.3, get.get([](const measured& k, const measured& peer) {
    return peer.per_second() / k.per_second();
  }),
              " x libnats");
}

}  // namespace

void judge_layers(judgement& all, const std::vector<row>& rows) {
  judge_messages(all, rows);
  judge_entries(all, rows);
  judge_typed(all, rows);
  judge_command(all, rows);
}

}  // namespace kvco::bench
