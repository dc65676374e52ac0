// The flags of add and edit -> the configuration of a bucket. See the header.
#include <kvco/cli/exit_code.hpp>
#include <kvco/cli/settings.hpp>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

// Those of edit alone, of both, of add alone.
constexpr flag flags[] = {
    {.name = "no-mirror", .help = "of a mirror: a bucket of its own from now on (server 2.12)"},
    {.name = "description", .value = "TEXT", .help = "a description"},
    {.name = "history", .value = "N", .help = "revisions kept for each key, 1 to 64"},
    {.name = "ttl", .value = "TIME", .help = "age at which every revision expires"},
    {.name = "marker-ttl",
     .value = "TIME",
     .help = "single keys may expire, and leave a marker for this time (server 2.11)"},
    {.name = "replicas", .value = "N", .help = "copies in a cluster, 1 to 5"},
    {.name = "max-value-size", .value = "SIZE", .help = "limit of a value with its headers"},
    {.name = "max-bucket-size", .value = "SIZE", .help = "limit of the bucket"},
    {.name = "tags", .value = "TAG", .help = "servers with this tag; several: all of them", .repeated = true},
    {.name = "cluster", .value = "NAME", .help = "servers of this cluster"},
    {.name = "compress", .help = "compress the stored file (server 2.10)"},
    {.name = "no-compress", .help = "do not compress it"},
    {.name = "metadata", .value = "KEY=VALUE", .help = "an item of metadata (server 2.10)", .repeated = true},
    {.name = "republish-source", .value = "SUBJECT", .help = "what is published again"},
    {.name = "republish-destination", .value = "SUBJECT", .help = "under which subject"},
    {.name = "republish-headers", .help = "without the values"},
    {.name = "source",
     .value = "BUCKET",
     .help = "entries of this bucket are copied in (server 2.10)",
     .repeated = true,
     .as = completes::bucket},
    {.name = "storage", .value = "KIND", .help = "file or memory"},
    {.name = "mirror",
     .value = "BUCKET",
     .help = "a copy of this bucket, written there",
     .as = completes::bucket},
    {.name = "mirror-domain", .value = "NAME", .help = "its JetStream domain"},
};
constexpr std::size_t only_of_edit = 1, only_of_add = 3;

std::int64_t size_of(const parsed& args, std::string_view name, std::int64_t largest) {
  const std::int64_t size = args.size(name).value_or(0);
  if (size > largest)
    throw usage_error("--" + std::string(name) + ": " + args.text(name) + " is over " +
                      std::to_string(largest));
  return size;
}

int number_of(const parsed& args, std::string_view name) {
  return static_cast<int>(
      std::min<std::uint64_t>(args.number(name).value_or(0), std::numeric_limits<int>::max()));
}

storage storage_of(const std::string& text) {
  if (text == "file") return storage::file;
  if (text == "memory") return storage::memory;
  throw usage_error("--storage: file or memory, not \"" + text + "\"");
}

void set_limits(const parsed& args, bucket_config& to) {
  if (args.has("history")) to.history(number_of(args, "history"));
  if (const auto time = args.time("ttl")) to.ttl(*time);
  if (const auto time = args.time("marker-ttl")) to.limit_marker_ttl(*time);
  if (args.has("replicas")) to.replicas(number_of(args, "replicas"));
  constexpr auto largest_value = std::numeric_limits<std::int32_t>::max();
  if (args.has("max-value-size"))
    to.max_value_size(static_cast<std::int32_t>(size_of(args, "max-value-size", largest_value)));
  if (args.has("max-bucket-size"))
    to.max_bytes(size_of(args, "max-bucket-size", std::numeric_limits<std::int64_t>::max()));
}

void set_place(const parsed& args, bucket_config& to) {
  if (args.has("storage")) to.storage(storage_of(args.text("storage")));
  if (args.has("compress") && args.has("no-compress"))
    throw usage_error("--compress and --no-compress contradict each other");
  if (args.has("compress") || args.has("no-compress")) to.compression(args.has("compress"));
  if (args.has("cluster") || args.has("tags"))
    to.placement({.cluster = args.text("cluster"), .tags = args.all("tags")});
}

void set_words(const parsed& args, bucket_config& to) {
  if (args.has("description")) to.description(args.text("description"));
  for (const std::string& item : args.all("metadata")) {
    const std::size_t at = item.find('=');
    if (at == item.npos) throw usage_error("--metadata: \"" + item + "\" must be KEY=VALUE");
    to.metadata(item.substr(0, at), item.substr(at + 1));
  }
}

void set_copies(const parsed& args, bucket_config& to) {
  if (args.has("republish-destination")) {
    bucket_republish again{.destination = args.text("republish-destination"),
                           .headers_only = args.has("republish-headers")};
    if (args.has("republish-source")) again.source = args.text("republish-source");
    to.republish(std::move(again));
  } else if (args.has("republish-source") || args.has("republish-headers")) {
    throw usage_error("--republish-source and --republish-headers need --republish-destination");
  }
  if (args.has("no-mirror")) to.mirror({});
  if (args.has("mirror")) to.mirror({.name = args.text("mirror"), .domain = args.text("mirror-domain")});
  std::vector<bucket_source> sources;
  for (const std::string& name : args.all("source")) sources.push_back({.name = name});
  if (!sources.empty()) to.sources(std::move(sources));
}

}  // namespace

std::span<const flag> flags_of_add() { return std::span(flags).subspan(only_of_edit); }
std::span<const flag> flags_of_edit() { return std::span(flags).first(std::size(flags) - only_of_add); }

bucket_config settings_of(const parsed& args) {
  bucket_config out(args.text("BUCKET"));
  set_words(args, out);
  set_limits(args, out);
  set_place(args, out);
  set_copies(args, out);
  return out;
}

}  // namespace kvco::cli
