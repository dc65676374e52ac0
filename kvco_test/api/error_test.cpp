// Codes, what they mean, and how a text travels beside them: error.cpp, jetstream/errors.cpp, detail/explain.cpp.
#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>
#include <kvco/detail/explain.hpp>
#include <kvco/error.hpp>
#include <map>
#include <set>
#include <thread>

namespace kvco {
namespace {

using boost::system::system_error;
using detail::explanation;

error_code jetstream(int value) { return {value, jetstream_category()}; }

constexpr int last_client_error = static_cast<int>(client_error::ttl_with_history);
constexpr int last_errc = static_cast<int>(errc::codec_mismatch);

TEST(errors, each_client_error_means_what_it_should) {
  using enum client_error;
  const std::map<errc, std::set<client_error>> meanings = {
      {errc::invalid_key,
       {key_empty, key_starts_with_dot, key_ends_with_dot, key_has_empty_token, key_has_invalid_character,
        key_has_wildcard, key_too_long, key_not_encoded, key_not_decoded}},
      {errc::invalid_filter,
       {filter_list_too_long, filter_empty, filter_has_empty_token, filter_has_invalid_character,
        filter_wildcard_not_alone, filter_tail_wildcard_not_last, filter_too_long, filter_list_empty,
        filter_not_encoded}},
      {errc::invalid_subject, {subject_malformed, subject_has_wildcard, queue_group_malformed}},
      {errc::slow_consumer, {slow_consumer}},
      {errc::invalid_bucket_name,
       {bucket_name_empty, bucket_name_has_invalid_character, bucket_name_too_long}},
      {errc::invalid_argument,
       {revision_zero, history_out_of_range, timeout_negative, ttl_out_of_range, setting_out_of_range,
        options_conflict, source_invalid, nkey_malformed, credentials_malformed, context_not_found,
        context_malformed, context_unsupported, file_unreadable, header_field_malformed,
        resume_token_foreign}},
      {errc::invalid_url, {url_malformed, url_scheme_unsupported}},
      {errc::value_too_large, {value_over_max_payload}},
      {errc::already_waiting, {already_waiting}},
      {errc::key_exists, {key_exists}},
      {errc::bucket_exists, {bucket_differs}},
      {errc::not_a_bucket, {not_a_bucket}},
      {errc::read_only, {read_only}},
      {errc::server_error, {store_refused, refused_by_server}},
      {errc::bucket_deleted, {bucket_deleted}},
      {errc::bucket_recreated, {bucket_recreated}},
      {errc::unsupported_by_server, {unsupported_by_server, ttl_with_history}},
      {errc::jetstream_not_enabled, {jetstream_not_enabled}},
      {errc::unavailable, {no_responders}},
      {errc::permission_denied, {permission_denied}},
      {errc::timeout, {timeout}},
      {errc::outcome_unknown, {outcome_unknown}},
      {errc::connect_failed, {connect_failed, connect_timeout}},
      {errc::tls_failed, {tls_failed, tls_not_offered}},
      {errc::authentication_failed, {authentication_failed, credentials_unavailable}},
      {errc::connection_lost, {connection_lost, server_silent, stale_connection}},
      {errc::closed, {closed}},
      {errc::invalid_value, {value_not_encoded, value_not_decoded}},
      {errc::no_value, {entry_without_value}},
      {errc::codec_mismatch, {codec_mismatch}},
      {errc::protocol_error,
       {not_a_nats_server, unknown_operation, malformed_operation, control_line_too_long, info_too_long,
        number_overflow, header_longer_than_message, payload_too_large, payload_not_terminated,
        malformed_header, malformed_info, malformed_reply, malformed_ack_subject}},
  };
  int seen = 0;
  for (const auto& [meaning, codes] : meanings) {
    for (client_error code : codes) {
      ++seen;
      for (int other = 1; other <= last_errc; ++other) {
        EXPECT_EQ(error_code(code) == static_cast<errc>(other), static_cast<errc>(other) == meaning)
            << error_code(code).message() << " / " << other;
      }
    }
  }
  EXPECT_EQ(seen, last_client_error);
}

// contract: 10
TEST(errors, a_meaning_is_that_which_compares_equal) {
  for (int n = 1; n <= last_client_error; ++n) {
    const error_code code = static_cast<client_error>(n);
    ASSERT_TRUE(meaning(code));
    EXPECT_EQ(code, *meaning(code));
  }
  EXPECT_EQ(meaning(jetstream(10071)), errc::wrong_last_revision);
  EXPECT_EQ(meaning(jetstream(10999)), errc::server_error);
  const auto in_words = [](error_code code) -> std::string_view {
    if (const auto why = meaning(code)) {
      switch (*why) {
        case errc::timeout:
          return "timeout";
        default:
          return "another";
      }
    }
    return "none of kvco";
  };
  EXPECT_EQ(in_words(client_error::timeout), "timeout");
  EXPECT_EQ(in_words(client_error::closed), "another");
  EXPECT_EQ(in_words({}), "none of kvco");
}

// contract: 10
TEST(errors, success_and_codes_of_others_have_no_meaning) {
  EXPECT_FALSE(meaning({}));
  EXPECT_FALSE(meaning({125, boost::system::system_category()}));  // operation_aborted
  EXPECT_FALSE(meaning({1, boost::system::generic_category()}));
  EXPECT_FALSE(meaning({last_client_error + 1, client_category()}));
}

// fault: 63
TEST(errors, each_err_code_means_what_it_should) {
  const std::map<int, errc> meanings = {
      {10071, errc::wrong_last_revision},   {10164, errc::wrong_last_revision},
      {10059, errc::bucket_not_found},      {10058, errc::bucket_exists},
      {10054, errc::value_too_large},       {10077, errc::bucket_full},
      {10039, errc::jetstream_not_enabled}, {10076, errc::jetstream_not_enabled},
      {10008, errc::unavailable},           {10023, errc::unavailable},
      {10118, errc::unavailable},           {10163, errc::unavailable},
      {10167, errc::unavailable},           {10165, errc::unsupported_by_server},
      {10166, errc::unsupported_by_server}, {10185, errc::unsupported_by_server},
  };
  for (int value = 1; value < 10300; ++value) {
    const auto found = meanings.find(value);
    const errc expected = found == meanings.end() ? errc::server_error : found->second;
    EXPECT_EQ(jetstream(value), expected) << value;
    EXPECT_FALSE(jetstream(value) == errc::timeout) << value;
  }
}

TEST(errors, every_meaning_is_the_meaning_of_some_code) {
  std::set<int> reached;
  const auto reach = [&](error_code code) { reached.insert(code.default_error_condition().value()); };
  for (int n = 1; n <= last_client_error; ++n) reach(static_cast<client_error>(n));
  for (int n = 10000; n < 10300; ++n) reach(jetstream(n));
  for (int n = 1; n <= last_errc; ++n) EXPECT_TRUE(reached.contains(n)) << n;
  EXPECT_EQ(static_cast<int>(reached.size()), last_errc);
}

TEST(errors, codes_of_others_mean_none_of_ours) {
  const error_code aborted(125, boost::system::system_category());
  for (int n = 1; n <= last_errc; ++n) {
    EXPECT_FALSE(aborted == static_cast<errc>(n));
    EXPECT_FALSE(error_code() == static_cast<errc>(n));
  }
  EXPECT_FALSE(error_code(0, client_category()));
}

TEST(errors, every_code_and_meaning_has_a_text_of_its_own) {
  std::set<std::string> texts;
  for (int n = 1; n <= last_client_error; ++n) {
    EXPECT_TRUE(texts.insert(client_category().message(n)).second) << client_category().message(n);
  }
  EXPECT_EQ(client_category().message(0), "kvco error 0");
  EXPECT_EQ(client_category().message(last_client_error + 1),
            "kvco error " + std::to_string(last_client_error + 1));
  EXPECT_EQ(client_category().message(-1), "kvco error -1");
  for (int n = 1; n <= last_errc; ++n) {
    EXPECT_TRUE(texts.insert(make_error_condition(static_cast<errc>(n)).message()).second);
  }
  EXPECT_EQ(make_error_condition(static_cast<errc>(99)).message(), "kvco condition 99");
}

TEST(errors, texts_name_the_rule_and_its_source) {
  EXPECT_EQ(error_code(client_error::key_has_invalid_character).message(),
            "a key must not contain a space, a control character or other characters than "
            "[-/_=.A-Za-z0-9] (ADR-8)");
  EXPECT_EQ(jetstream(10071).message(), "wrong last sequence");
  EXPECT_EQ(jetstream(10999).message(), "JetStream error 10999");
  EXPECT_STREQ(client_category().name(), "kvco");
  EXPECT_STREQ(jetstream_category().name(), "jetstream");
  EXPECT_STREQ(make_error_condition(errc::timeout).category().name(), "kvco.errc");
}

// contract: 3
TEST(explanations, change_no_message) {
  const error_code code = client_error::key_has_wildcard;
  const std::string plain = code.message();
  {
    const explanation active({.text = "key \"a.*\" has \"*\" at byte 2"});
    EXPECT_EQ(code.message(), plain);
    EXPECT_EQ(error_detail(), "key \"a.*\" has \"*\" at byte 2");
  }
  EXPECT_EQ(code.message(), plain);
  EXPECT_EQ(error_detail(), "key \"a.*\" has \"*\" at byte 2");
}

TEST(explanations, without_a_text_clear_the_last_one) {
  { const explanation first({.text = "first"}); }
  const explanation second({});
  EXPECT_EQ(error_detail(), "");
}

TEST(explanations, nest) {
  const explanation outer({.text = "outer", .server_code = 1});
  {
    const explanation inner({.text = "inner"});
    EXPECT_EQ(error_detail(), "inner");
    EXPECT_EQ(detail::explained().server_code, 0);
  }
  EXPECT_EQ(error_detail(), "outer");
  EXPECT_EQ(detail::explained().server_code, 1);
}

TEST(explanations, are_of_one_thread) {
  const explanation active({.text = "mine"});
  std::thread([] { EXPECT_EQ(error_detail(), ""); }).join();
}

TEST(exception_texts, are_in_one_exception_of_their_code) {
  const explanation active({.text = "detail"});
  const detail::exception_text in_what(jetstream(1));
  EXPECT_EQ(jetstream(2).message(), "JetStream error 2");
  const system_error thrown(jetstream(1));
  EXPECT_NE(std::string(thrown.what()).find("JetStream error 1: detail"), std::string::npos) << thrown.what();
  EXPECT_EQ(thrown.code().message(), "JetStream error 1");
  EXPECT_EQ(std::string(system_error(jetstream(1)).what()).find("detail"), std::string::npos);
}

TEST(exception_texts, do_not_repeat_the_words_of_the_server) {
  const explanation active({.text = "wrong last sequence: 7"});
  const detail::exception_text in_what(jetstream(10071));
  EXPECT_EQ(jetstream(10071).message(), "wrong last sequence: 7");
  EXPECT_EQ(jetstream(10071).message(), "wrong last sequence");
}

TEST(exception_texts, end_with_their_scope) {
  const explanation active({.text = "detail"});
  { const detail::exception_text unused(jetstream(1)); }
  EXPECT_EQ(jetstream(1).message(), "JetStream error 1");
}

TEST(exception_texts, of_what_is_thrown_directly) {
  try {
    detail::throw_error(client_error::closed, "why");
  } catch (const system_error& e) {
    EXPECT_EQ(e.code(), client_error::closed);
    EXPECT_NE(std::string(e.what()).find(": why"), std::string::npos) << e.what();
    EXPECT_EQ(e.code().message().find("why"), std::string::npos);
  }
}

}  // namespace
}  // namespace kvco
