// The plan of a watch's filters. See the header.
#include <bench/meter.hpp>
#include <bench/planning.hpp>
#include <kvco/core/consumer_plan.hpp>

#include <stdexcept>

namespace kvco::bench {

outcome plan_filters(const task& what) {
  core::consumer_settings settings;
  settings.bucket = bucket_name;
  settings.stream = "KV_" + std::string(bucket_name);
  settings.key_prefix = "$KV." + std::string(bucket_name) + '.';
  for (std::size_t i = 0; i < what.operations; ++i) settings.filters.push_back(key_name(i));
  core::consumer_plan plan;
  plan.serve(true, 1u << 20);
  meter spent(what.operations);
  plan.prepare(settings);
  if (plan.filters().size() != what.operations) throw std::runtime_error("the plan has other filters");
  spent.done(what.operations);
  return spent.finish();
}

}  // namespace kvco::bench
