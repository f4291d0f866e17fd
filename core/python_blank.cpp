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

/// Where Python says "unexpected indent": blanks since the last form feed, which NumPy's filter
/// turns into a space.
bool is_indented(std::string_view blank, PythonDialect dialect) {
  if (dialect == PythonDialect::python2_longs)
    return blank.find_first_of(" \t\f") != std::string_view::npos;
  const std::size_t form_feed = blank.rfind('\f');
  if (form_feed != std::string_view::npos) blank.remove_prefix(form_feed);
  return blank.find_first_of(" \t") != std::string_view::npos;
}

/// Python wants no blanks in a last line without an end. NumPy's filter drops them from a plain
/// one.
bool ends_indented(std::string_view source, std::size_t line, PythonDialect dialect) {
  const std::string_view blank = source.substr(line);
  const bool dropped = dialect == PythonDialect::python2_longs && source[line - 1] == '\n' &&
                       blank.find('\\') == std::string_view::npos;
  return !dropped && is_indented(blank, dialect);
}

/// NumPy's filter does not end a line there: it overlooks what follows.
bool is_lone_carriage_return(std::string_view source, std::size_t at) {
  return peek(source, at) == '\r' && peek(source, at + 1) != '\n';
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
  const bool filtered = dialect == PythonDialect::python2_longs;
  if (filtered) at = skip_spaces(source, at);
  for (;;) {
    const std::size_t line = at;
    at = skip_blank_in_line(source, at);
    const bool indented = is_indented(source.substr(line, at - line), dialect);
    at = skip_comment(source, at);
    if (filtered && is_lone_carriage_return(source, at))
      throw LiteralError("a carriage return before the value", at);
    if (is_newline(peek(source, at))) {
      at = skip_newline(source, at);
      continue;
    }
    if (indented) throw LiteralError("an indented line", at);
    return at;
  }
}

void require_blank_until_end(std::string_view source, std::size_t at, PythonDialect dialect) {
  at = skip_comment(source, skip_blank_in_line(source, at));
  while (is_newline(peek(source, at))) {
    const std::size_t line = skip_newline(source, at);
    at = skip_blank_in_line(source, line);
    if (at >= source.size() && ends_indented(source, line, dialect))
      throw LiteralError("an indented line", line);
    at = skip_comment(source, at);
  }
  if (at < source.size()) throw LiteralError("more after the end of the value", at);
}

}  // namespace npyrace
