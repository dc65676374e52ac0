// The strict parser refuses what it should: a judge that lets everything pass would prove nothing.
#include <gtest/gtest.h>

#include <kvco_test/support/judges/client_frames.hpp>

namespace kvco::test {
namespace {

std::string judge(const std::string& bytes) {
  client_frame_parser parser(100);
  parser.feed("CONNECT {}\r\n");
  parser.feed(bytes);
  return parser.error();
}

TEST(client_frames, of_a_good_client) {
  for (const char* bytes :
       {"PING\r\n", "PONG\r\n", "SUB a.*.> 1\r\n", "SUB a 1\r\nUNSUB 1\r\nSUB a 2\r\n", "PUB a 0\r\n\r\n",
        "PUB a.b r.1 3\r\nabc\r\n", "PUB a 4\r\n\r\n\r\n\r\n", "HPUB a 12 15\r\nNATS/1.0\r\n\r\nabc\r\n",
        "HPUB a r 20 20\r\nNATS/1.0\r\nK: v v\r\n\r\n\r\n",
        "PUB $JS.API.CONSUMER.CREATE.S.n.k.> 0\r\n\r\n"}) {
    EXPECT_EQ(judge(bytes), "") << bytes;
  }
}

TEST(client_frames, of_a_bad_client) {
  for (const char* bytes : {"ping\r\n",
                            "PING \r\n",
                            "PING\n",
                            "\r\n",
                            "CONNECT {}\r\n",
                            "SUB  a 1\r\n",
                            "SUB a 0\r\n",
                            "SUB a 01\r\n",
                            "SUB a 1\r\nSUB a 1\r\n",
                            "SUB a..b 1\r\n",
                            "SUB a*b 1\r\n",
                            "SUB >.a 1\r\n",
                            "UNSUB 1\r\n",
                            "PUB a\r\n",
                            "PUB a -1\r\n",
                            "PUB a 1e1\r\n",
                            "PUB a 101\r\n",
                            "PUB a.* 0\r\n\r\n",
                            "PUB > 0\r\n\r\n",
                            "PUB a. 0\r\n\r\n",
                            "PUB a r.* 0\r\n\r\n",
                            "PUB a 1\r\nab\r\n",
                            "PUB a 2\r\na\r\n\r\n",
                            "PUB a\tb 0\r\n\r\n",
                            "HPUB a 12\r\n",
                            "HPUB a 16 15\r\nNATS/1.0\r\n\r\nabc\r\n",
                            "HPUB a 0 3\r\nabc\r\n",
                            "HPUB a 10 13\r\nNATS/1.0\r\nabc\r\n",
                            "HPUB a 17 17\r\nNATS/1.0\r\nK:v\r\n\r\n\r\n",
                            "HPUB a 17 17\r\nNATS/1.0\r\nK: \r\n\r\n\r\n",
                            "FOO\r\n"}) {
    EXPECT_NE(judge(bytes), "") << bytes;
  }
  client_frame_parser parser;
  parser.feed("PING\r\n");
  EXPECT_NE(parser.error(), "") << "CONNECT comes first";
}

TEST(client_frames, that_are_not_complete) {
  const std::string whole = "HPUB a r 20 23\r\nNATS/1.0\r\nK: v v\r\n\r\nabc\r\n";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    client_frame_parser parser;
    parser.feed("CONNECT {}\r\n");
    EXPECT_TRUE(parser.feed(whole.substr(0, size)).empty());
    EXPECT_TRUE(parser.partial());
    const auto frames = parser.feed(whole.substr(size));
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].payload, "abc");
    EXPECT_EQ(header_value(frames[0].header, "K"), "v v");
    EXPECT_FALSE(parser.partial());
  }
}

TEST(client_frames, subjects_match) {
  EXPECT_TRUE(subject_matches("a.*.c", "a.b.c"));
  EXPECT_TRUE(subject_matches("a.>", "a.b.c"));
  EXPECT_FALSE(subject_matches("a.>", "a"));
  EXPECT_FALSE(subject_matches("a.*", "a.b.c"));
  EXPECT_FALSE(subject_matches("a.b", "a.c"));
}

}  // namespace
}  // namespace kvco::test
