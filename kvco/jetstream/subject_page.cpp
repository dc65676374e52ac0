// Pages of subjects: the request, and the reply.
#include <kvco/jetstream/subject_page.hpp>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <kvco/jetstream/json_reply.hpp>

namespace kvco::jetstream {

std::string subject_page_request(std::string_view filter, std::uint64_t offset) {
  return boost::json::serialize(boost::json::object{{"subjects_filter", filter}, {"offset", offset}});
}

outcome<subject_page> parse_subject_page(std::string_view json) {
  return decode<subject_page>(json, [](json_fields& reply, subject_page& page) {
    const boost::json::object* subjects = nullptr;
    reply.read("total", page.total);
    reply.inside("state").read("subjects", subjects);  // both are left out where none match
    if (!subjects) return;
    page.subjects.reserve(subjects->size());
    for (const auto& each : *subjects) page.subjects.emplace_back(each.key());
    std::sort(page.subjects.begin(), page.subjects.end());
  });
}

}  // namespace kvco::jetstream
