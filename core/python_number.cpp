#include "core/python_number.h"

#include "core/checked.h"

namespace npyrace {
namespace {

/// Python 3.11 converts no longer decimal integers.
constexpr std::size_t kLargestDecimalDigits = 4300;

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

/// The value of a digit, or `base` and more for anything else.
unsigned digit_value(char c) {
  if (is_decimal(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 99;
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

  /// One or more digits, single underscores between them. Accumulates value and count.
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

  /// An `e` without digits after it is not part of the number.
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
