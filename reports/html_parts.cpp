#include "reports/html_parts.h"

#include <fmt/format.h>

namespace npyrace {

std::string html_section(const char* id, const char* title, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n"
      "{2}</section>\n",
      id, title, content);
}

std::string html_figure(const char* id, const std::string& caption) {
  return fmt::format(
      "<figure id=\"{}\" hidden><div class=\"chart\"><canvas role=\"img\" "
      "aria-label=\"{}\"></canvas></div><figcaption>{}</figcaption></figure>\n",
      id, html_text(caption), html_text(caption));
}

std::string html_list(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = fmt::format("<h3>{}</h3>\n<ul>\n", html_text(title));
  for (const std::string& item : items) text += "<li>" + html_text(item) + "</li>\n";
  return text + "</ul>\n";
}

HtmlField verdict_field(Verdict verdict) {
  return {verdict_name(verdict), std::nullopt, std::string("verdict ") + verdict_name(verdict)};
}

HtmlField count_field(std::uint64_t value) {
  return {std::to_string(value), static_cast<double>(value), "number"};
}

}  // namespace npyrace
