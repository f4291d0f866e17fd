#include "core/npy/python_number.h"

#include "core/base/checked.h"
#include "core/base/text.h"

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

/// `\r\n` is one line end, and so is a lone `\r`.
std::size_t skip_newline(std::string_view source, std::size_t at) {
  if (peek(source, at) == '\r' && peek(source, at + 1) == '\n') return at + 2;
  return at + 1;
}

/// A backslash continues the line; another line must follow.
std::size_t skip_continuation(std::string_view source, std::size_t at) {
  const char next = peek(source, at + 1);
  if (!is_newline(next)) throw LiteralError("a backslash that does not end its line", at);
  const std::size_t after = skip_newline(source, at + 1);
  if (after >= source.size()) throw LiteralError("a backslash without a line after it", at);
  return after;
}

/// True where Python reports "unexpected indent": blanks after the last form feed. NumPy's filter
/// turns form feeds into spaces.
bool is_indented(std::string_view blank, PythonDialect dialect) {
  if (dialect == PythonDialect::python2_longs)
    return blank.find_first_of(" \t\f") != std::string_view::npos;
  const std::size_t form_feed = blank.rfind('\f');
  if (form_feed != std::string_view::npos) blank.remove_prefix(form_feed);
  return blank.find_first_of(" \t") != std::string_view::npos;
}

/// Python rejects blanks in a last line without a line end. NumPy's filter drops them from a line
/// without a continuation.
bool ends_indented(std::string_view source, std::size_t line, PythonDialect dialect) {
  const std::string_view blank = source.substr(line);
  const bool dropped = dialect == PythonDialect::python2_longs && source[line - 1] == '\n' &&
                       blank.find('\\') == std::string_view::npos;
  return !dropped && is_indented(blank, dialect);
}

/// NumPy's filter does not end a line there and ignores what follows.
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

namespace {

/// Python 3.11's limit on the digits of a decimal integer.
constexpr std::size_t kLargestDecimalDigits = 4300;

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

class NumberReader {
 public:
  NumberReader(std::string_view source, std::size_t at) : source_(source), start_(at), at_(at) {}

  NumberToken read() {
    if (peek() == '0' && base_of_prefix() != 0) {
      const unsigned base = base_of_prefix();
      at_ += 2;
      if (peek() == '_') ++at_;
      read_digits(base);
      return integer();
    }
    return read_decimal();
  }

 private:
  [[noreturn]] void fail(const char* reason) const { throw LiteralError(reason, start_); }

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  unsigned base_of_prefix() const {
    const char letter = peek(1);
    if (letter == 'x' || letter == 'X') return 16;
    if (letter == 'o' || letter == 'O') return 8;
    return letter == 'b' || letter == 'B' ? 2 : 0;
  }

  /// One or more digits with single underscores between them. Accumulates value and count.
  void read_digits(unsigned base) {
    do {
      if (digit_value(peek()) >= base) fail("a number that breaks off");
      while (digit_value(peek()) < base) take_digit(base);
    } while (peek() == '_' && ++at_);
  }

  void take_digit(unsigned base) {
    const unsigned digit = digit_value(source_[at_++]);
    value_ = checked_add(checked_multiply(value_, base), digit);
    ++digits_;
  }

  NumberToken read_decimal() {
    bool real = false;
    if (is_decimal(peek())) read_digits(10);
    const NumberToken whole = {Literal::Kind::integer, std::nullopt, at_};
    if (peek() == '.') {
      real = true;
      ++at_;
      if (is_decimal(peek())) read_digits(10);
    }
    real = read_exponent() || real;
    if (peek() == 'j' || peek() == 'J') return {Literal::Kind::imaginary, std::nullopt, at_ + 1};
    if (real) return {Literal::Kind::real, std::nullopt, at_};
    if (source_[start_] == '0' && value_ != CheckedSize{0})
      fail("a decimal integer with leading zeros");
    if (digits_ > kLargestDecimalDigits) fail("an integer of more than 4300 digits");
    at_ = whole.end;
    return integer();
  }

  /// An `e` without digits after it does not belong to the number.
  bool read_exponent() {
    if (peek() != 'e' && peek() != 'E') return false;
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (!is_decimal(peek(1 + sign))) return false;
    at_ += 1 + sign;
    read_digits(10);
    return true;
  }

  NumberToken integer() const {
    NumberToken token{Literal::Kind::integer, std::nullopt, at_};
    if (value_ && *value_ <= INT64_MAX) token.value = static_cast<std::int64_t>(*value_);
    return token;
  }

  std::string_view source_;
  std::size_t start_;
  std::size_t at_;
  CheckedSize value_ = 0;
  std::size_t digits_ = 0;
};

}  // namespace

bool number_begins(std::string_view source, std::size_t at) {
  if (is_decimal(source[at])) return true;
  return source[at] == '.' && at + 1 < source.size() && is_decimal(source[at + 1]);
}

NumberToken read_number(std::string_view source, std::size_t at) {
  return NumberReader(source, at).read();
}

}  // namespace npyrace
