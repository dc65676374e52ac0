// Checks the links of the site that the target `docs` has made.
//
//   check_html_links FOLDER
#include <kvco_test/readme/html_links.hpp>

#include <exception>
#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("usage: check_html_links FOLDER");
  const kvco::test::html_report report = kvco::test::check_html_links(argv[1]);
  for (const std::string& problem : report.problems) std::cerr << problem << "\n";
  std::cout << report.links << " links on " << report.pages << " pages, " << report.problems.size()
            << " lead nowhere\n";
  const bool is_a_site = report.pages > 50 && report.links > 1000;  // an empty folder has no bad links
  if (!is_a_site) std::cerr << argv[1] << " is not the site\n";
  return report.problems.empty() && is_a_site ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "check_html_links: " << error.what() << "\n";
  return 1;
}
