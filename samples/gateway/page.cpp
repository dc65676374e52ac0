#include "page.hpp"

#include <algorithm>
#include <functional>

#include "conditions.hpp"
#include "handlers.hpp"

namespace gateway {

/// GET / is index.html, GET /page/NAME any file. The browser keeps them and asks whether they have changed.
asio::awaitable<response> handlers::page(request from) {
  const std::string name = from.where.path.empty() ? "index.html" : from.where.path[1];
  const auto files = page_files();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const page_file& file) { return file.name == name; });
  if (found == files.end()) co_return to_response({404, "not-found", "the page has no such file"});
  response out;
  const std::uint64_t version = std::hash<std::string_view>()(found->text);
  out.fields.emplace_back("ETag", tag_of(version));
  out.fields.emplace_back("Cache-Control", "no-cache");
  // Of a 304 too: the policy depends on the type, and a browser takes the policy of a 304 for the content that it has.
  out.content_type = found->content_type;
  const auto known = parse_tags(from.conditions.if_none_match.value_or(""));
  if (known && known->has(version)) {
    out.status = 304;
    co_return out;
  }
  out.body = found->text;
  co_return out;
}

}  // namespace gateway
