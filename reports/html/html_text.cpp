#include "reports/html/html_text.h"

#include <fmt/format.h>

#include "reports/text/wrap.h"

namespace npyrace {
namespace {

const char* reference_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return nullptr;
  }
}

std::string attributes(const HtmlField& field) {
  std::string text;
  if (!field.css_class.empty()) text += fmt::format(" class=\"{}\"", field.css_class);
  if (field.value) text += fmt::format(" data-value=\"{}\"", *field.value);
  return text;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    const char* reference = reference_of(c);
    if (reference)
      out += reference;
    else
      out += c;
  }
  return out;
}

std::string html_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    out += html_text(text.substr(0, end)) + "\n";
  return out + html_text(text);
}

std::string html_json(std::string_view json) {
  std::string out;
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

HtmlTable::HtmlTable(std::string_view caption, const std::vector<std::string>& titles)
    : caption_(caption), titles_(titles) {}

void HtmlTable::row(const std::vector<HtmlField>& fields, int cell) {
  if (rows_++ == 0)
    for (const HtmlField& field : fields) classes_.push_back(field.css_class);
  rows_text_ += cell < 0 ? std::string("<tr>") : fmt::format("<tr data-cell=\"{}\">", cell);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const char* tag = i == 0 ? "th scope=\"row\"" : "td";
    rows_text_ += fmt::format("<{}{}>{}</{}>", tag, attributes(fields[i]),
                              html_text(fields[i].text), i == 0 ? "th" : "td");
  }
  rows_text_ += "</tr>\n";
}

std::string HtmlTable::text() const {
  std::string text = fmt::format("<div class=\"wide\"><table><caption>{}</caption><thead><tr>",
                                 html_text(caption_));
  for (std::size_t i = 0; i < titles_.size(); ++i) {
    const bool number = i < classes_.size() && classes_[i] == "number";
    text += fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"number\"" : "",
                        html_text(titles_[i]));
  }
  return text + "</tr></thead><tbody>\n" + rows_text_ + "</tbody></table></div>\n";
}

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

namespace {

/// The page may run its own scripts and load nothing.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

}  // namespace

std::string html_page(const std::string& title, const std::string& main,
                      const std::string& scripts) {
  std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", kPolicy);
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  page += fmt::format("<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n", html_text(title),
                      kReportCss);
  page += fmt::format("<h1>{}</h1>\n<main>\n{}</main>\n", html_text(title), main);
  return page + scripts + "</body>\n</html>\n";
}

}  // namespace npyrace
