// The category of the errors of apps.
#include <kvco/app/app_error.hpp>

#include <boost/system/system_error.hpp>

namespace kvco {
namespace {

struct rule {
  app_error code;
  errc meaning;
  const char* text;
};

constexpr rule rules[] = {
    {app_error::pattern_malformed, errc::invalid_filter, "the pattern is not a filter of NATS"},
    {app_error::wildcard_inside_token, errc::invalid_filter,
     "a wildcard is a whole token, and > is the last one"},
    {app_error::capture_inside_token, errc::invalid_filter, "a capture is a whole token"},
    {app_error::capture_unclosed, errc::invalid_filter, "a brace of the pattern has no counterpart"},
    {app_error::capture_unnamed, errc::invalid_filter, "a capture has no name"},
    {app_error::capture_name_malformed, errc::invalid_filter,
     "the name of a capture is made of letters, digits and _, and does not begin with a digit"},
    {app_error::capture_twice, errc::invalid_filter, "two captures have the same name"},
    {app_error::captures_mismatch, errc::invalid_argument,
     "the handler takes another number of captures than the pattern has"},
    {app_error::handler_without_bucket, errc::invalid_argument,
     "the handler takes a bucket, and its options name none"},
    {app_error::options_conflict, errc::invalid_argument, "options that conflict, or are out of range"},
    {app_error::already_running, errc::invalid_argument, "the app has run already"},
    {app_error::capture_not_decoded, errc::invalid_key,
     "a captured token is not the number that the handler takes"},
    {app_error::position_malformed, errc::invalid_value, "the stored position is not one"},
    {app_error::drain_timeout, errc::timeout,
     "handlers or hooks had not ended at the deadline, and were cancelled"},
};

const rule* find(int value) noexcept {
  for (const rule& each : rules) {
    if (static_cast<int>(each.code) == value) return &each;
  }
  return nullptr;
}

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "kvco.app"; }
  std::string message(int value) const override {
    const rule* found = find(value);
    return found != nullptr ? found->text : "unknown error";
  }
  boost::system::error_condition default_error_condition(int value) const noexcept override {
    const rule* found = find(value);
    return found != nullptr ? make_error_condition(found->meaning)
                            : boost::system::error_condition(value, *this);
  }
};

}  // namespace

const boost::system::error_category& app_category() noexcept {
  static const category instance;
  return instance;
}

error_code make_error_code(app_error rule) noexcept { return {static_cast<int>(rule), app_category()}; }

void handling::refuse(app_error why, const std::string& text) {
  throw boost::system::system_error(make_error_code(why), text);
}

}  // namespace kvco
