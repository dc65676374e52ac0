// The checker of links in the site, on folders in which they are planted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/readme/html_links.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class html_links_test : public testing::Test {
 protected:
  html_links_test() { fs::create_directories(folder_ / "search"); }
  ~html_links_test() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& body) {
    std::ofstream(folder_ / name) << "<html>" << body << "</html>\n";
  }
  html_report checked() const { return check_html_links(folder_); }

 private:
  fs::path folder_ = fs::temp_directory_path() / ("kvco_html_" + std::to_string(::getpid()));
};

TEST_F(html_links_test, that_lead_somewhere) {
  write(
      "a.html",
      R"(<a id="top" href="b.html#here">b</a> <a href="#top">top</a> <img src="search/x.html?q=1&amp;r=2"/>)");
  write(
      "b.html",
      R"h(<a name="here"></a> <a href="https://nats.io/gone">out</a> <a href="javascript:void(0)">run</a>)h");
  write("search/x.html", R"(<a href="../a.html">a</a>)");
  const html_report report = checked();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.pages, 3u);
  EXPECT_EQ(report.links, 4u);
}

TEST_F(html_links_test, that_lead_nowhere) {
  write("a.html",
        R"(<a href="gone.html">1</a> <a href="b.html#gone">2</a> <a href="#gone">3</a> <img src="x.svg"/>)");
  write("b.html", R"(<a id="here" href="search/../gone.html#x">4</a>)");
  EXPECT_THAT(checked().problems,
              ElementsAre("a.html: a.html has no #gone", "a.html: b.html has no #gone",
                          "a.html: gone.html does not exist", "a.html: x.svg does not exist",
                          "b.html: gone.html does not exist"));
}

}  // namespace
}  // namespace kvco::test
