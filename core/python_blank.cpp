#include "core/python_blank.h"

namespace npyrace {
namespace {

bool is_newline(char c) {
  return c == '\n' || c == '\r';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

char peek(std::string_view source, std::size_t at) {
  return at < source.size() ? source[at] : '\0';
}

std::size_t skip_spaces(std::string_view source, std::size_t at) {
  while (is_space(peek(source, at))) ++at;
  return at;
}

std::size_t skip_comment(std::string_view source, std::size_t at) {
  if (peek(source, at) != '#') return at;
  while (at < source.size() && !is_newline(source[at])) ++at;
  return at;
}

/// `\r\n` is one line end, as is a `\r` alone.
std::size_t skip_newline(std::string_view source, std::size_t at) {
  if (peek(source, at) == '\r' && peek(source, at + 1) == '\n') return at + 2;
  return at + 1;
}

/// A backslash joins the next line to this one; there must be a next line.
std::size_t skip_continuation(std::string_view source, std::size_t at) {
  const char next = peek(source, at + 1);
  if (!is_newline(next)) throw LiteralError("a backslash that does not end its line", at);
  const std::size_t after = skip_newline(source, at + 1);
  if (after >= source.size()) throw LiteralError("a backslash without a line after it", at);
  return after;
}

/// Where Python says "unexpected indent": the column counted from the last form feed.
bool is_indented(std::string_view line) {
  const std::size_t form_feed = line.rfind('\f');
  return form_feed == std::string_view::npos ? !line.empty() : form_feed + 1 < line.size();
}

}  // namespace

std::size_t skip_blank_in_line(std::string_view source, std::size_t at) {
  for (;;) {
    at = skip_spaces(source, at);
    if (peek(source, at) != '\\') return at;
    at = skip_continuation(source, at);
  }
}

std::size_t skip_blank_in_brackets(std::string_view source, std::size_t at) {
  for (;;) {
    at = skip_comment(source, skip_blank_in_line(source, at));
    if (!is_newline(peek(source, at))) return at;
    at = skip_newline(source, at);
  }
}

std::size_t skip_blank_before(std::string_view source, PythonDialect dialect) {
  std::size_t at = source.find_first_not_of(" \t");  // literal_eval strips these itself
  if (at == std::string_view::npos) return source.size();
  if (dialect == PythonDialect::python2_longs) at = skip_spaces(source, at);
  for (;;) {
    const std::size_t line = at;
    at = skip_spaces(source, at);
    const bool indented = is_indented(source.substr(line, at - line));
    at = skip_comment(source, at);
    if (is_newline(peek(source, at))) {
      at = skip_newline(source, at);
      continue;
    }
    if (indented) throw LiteralError("an indented line", at);
    return skip_blank_in_line(source, at);
  }
}

void require_blank_until_end(std::string_view source, std::size_t at, PythonDialect) {
  at = skip_comment(source, skip_blank_in_line(source, at));
  while (is_newline(peek(source, at))) {
    const std::size_t line = skip_newline(source, at);
    at = skip_spaces(source, line);
    if (at >= source.size() && is_indented(source.substr(line, at - line)))
      throw LiteralError("an indented line", line);
    at = skip_comment(source, at);
  }
  if (at < source.size()) throw LiteralError("more after the end of the value", at);
}

}  // namespace npyrace
