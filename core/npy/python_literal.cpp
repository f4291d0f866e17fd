#include "core/npy/python_literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/npy/python_number.h"
#include "core/npy/python_string.h"

namespace npyrace {
namespace {

using Kind = Literal::Kind;

/// Limit of Python's tokenizer, which also bounds our recursion.
constexpr int kLargestDepth = 200;

/// A value, and whether it was a single token: only those may have a sign or be summed.
struct Parsed {
  Literal literal;
  bool is_token = false;
};

bool is_number(Kind kind) {
  return kind == Kind::integer || kind == Kind::real || kind == Kind::imaginary;
}

bool is_name_character(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Dict keys and set items must be hashable: without list, dict or set at any level.
bool is_hashable(const Literal& literal) {
  if (literal.kind == Kind::tuple)
    return std::all_of(literal.items.begin(), literal.items.end(), is_hashable);
  return literal.kind != Kind::list && literal.kind != Kind::dict && literal.kind != Kind::set;
}

class Parser {
 public:
  Parser(std::string_view source, PythonDialect dialect) : source_(source), dialect_(dialect) {}

  Literal document() {
    const std::size_t nul = source_.find('\0');
    if (nul != std::string_view::npos) throw LiteralError("a NUL character", nul);
    at_ = skip_blank_before(source_, dialect_);
    Literal value = top_level();
    require_blank_until_end(source_, at_, dialect_);
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw LiteralError(reason, at_); }

  char peek() const { return at_ < source_.size() ? source_[at_] : '\0'; }

  void skip_blank() {
    at_ = depth_ > 0 ? skip_blank_in_brackets(source_, at_) : skip_blank_in_line(source_, at_);
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  /// A single value, or a tuple without parentheses.
  Literal top_level() {
    const std::size_t start = at_;
    Literal first = value().literal;
    if (peek() != ',') return first;
    Literal tuple = node(Kind::tuple, start);
    tuple.items.push_back(std::move(first));
    while (take(',')) {
      skip_blank();
      if (at_end_of_line()) break;
      tuple.items.push_back(value().literal);
    }
    return tuple;
  }

  bool at_end_of_line() const {
    return at_ >= source_.size() || peek() == '\n' || peek() == '\r' || peek() == '#';
  }

  Literal node(Kind kind, std::size_t start) const {
    Literal literal;
    literal.kind = kind;
    literal.offset_bytes = start;
    return literal;
  }

  /// A value and the blanks after it.
  Parsed value() {
    Parsed left = signed_value();
    skip_blank();
    if (peek() != '+' && peek() != '-') return left;
    return sum(std::move(left));
  }

  /// `1+2j`: the only sum that is a literal.
  Parsed sum(Parsed left) {
    if (left.literal.kind != Kind::integer && left.literal.kind != Kind::real) fail("an operator");
    ++at_;
    skip_blank();
    const Parsed right = atom();
    if (!right.is_token || right.literal.kind != Kind::imaginary) fail("an operator");
    skip_blank();
    if (peek() == '+' || peek() == '-') fail("an operator");
    return {node(Kind::imaginary, left.literal.offset_bytes), false};
  }

  Parsed signed_value() {
    const std::size_t start = at_;
    const bool negative = peek() == '-';
    if (!negative && peek() != '+') return atom();
    ++at_;
    skip_blank();
    Parsed operand = atom();
    if (!operand.is_token || !is_number(operand.literal.kind)) {
      at_ = start;
      fail("a sign before something that is not a number");
    }
    operand.literal.offset_bytes = start;
    if (negative && operand.literal.integer) operand.literal.integer = -*operand.literal.integer;
    return {std::move(operand.literal), false};
  }

  Parsed atom() {
    if (at_ >= source_.size()) fail("the end of the text where a value should be");
    if (const auto prefix = string_prefix(source_, at_)) return {strings(*prefix), true};
    if (number_begins(source_, at_)) return {number(), true};
    switch (peek()) {
      case '(':
        return parenthesised();
      case '[':
        return {sequence(Kind::list, ']'), false};
      case '{':
        return {braces(), false};
      case '.':
        return {ellipsis(), true};
      default:
        return {name(), true};
    }
  }

  Literal number() {
    const std::size_t start = at_;
    const NumberToken token = read_number(source_, at_);
    at_ = token.end;
    if (dialect_ == PythonDialect::python2_longs) skip_long_suffixes();
    if (is_name_character(peek())) fail("a letter after a number");
    Literal literal = node(token.kind, start);
    literal.integer = token.value;
    return literal;
  }

  /// NumPy drops every name `L` after a number, however many there are.
  void skip_long_suffixes() {
    for (;;) {
      const std::size_t next = skip_blank_in_line(source_, at_);
      const bool suffix = next < source_.size() && source_[next] == 'L' &&
                          (next + 1 == source_.size() || !is_name_character(source_[next + 1]));
      if (!suffix || joined_by_carriage_return(next)) return;
      at_ = next + 1;
    }
  }

  /// NumPy's filter does not treat a lone carriage return as a line end.
  bool joined_by_carriage_return(std::size_t next) const {
    const std::string_view blank = source_.substr(at_, next - at_);
    const std::size_t found = blank.find('\r');
    return found != std::string_view::npos && blank.substr(found + 1, 1) != "\n";
  }

  /// Concatenates adjacent strings.
  Literal strings(StringPrefix prefix) {
    Literal literal = node(prefix.bytes ? Kind::bytes : Kind::text, at_);
    for (;;) {
      StringToken token = read_string_token(source_, at_, prefix);
      at_ = token.end;
      literal.text += token.text;
      skip_blank();
      const auto next = at_ < source_.size() ? string_prefix(source_, at_) : std::nullopt;
      if (!next) return literal;
      if (next->bytes != prefix.bytes) fail("bytes beside text");
      prefix = *next;
    }
  }

  Literal ellipsis() {
    const std::size_t start = at_;
    if (source_.substr(at_, 3) != "...") fail("a dot where a value should be");
    at_ += 3;
    return node(Kind::ellipsis, start);
  }

  Literal name() {
    const std::size_t start = at_;
    while (at_ < source_.size() && is_name_character(source_[at_])) ++at_;
    const std::string_view word = source_.substr(start, at_ - start);
    Literal literal = node(Kind::none, start);
    if (word == "None") return literal;
    if (word == "set") return empty_set(start);
    if (word != "True" && word != "False") {
      at_ = start;
      fail(word.empty() ? "a character where a value should be" : "a name that is not a literal");
    }
    literal.kind = Kind::boolean;
    literal.boolean = word == "True";
    literal.integer = literal.boolean ? 1 : 0;
    return literal;
  }

  /// `set()`: accepted by literal_eval, because there is no literal for an empty set.
  Literal empty_set(std::size_t start) {
    skip_blank();
    if (peek() != '(') fail("a name that is not a literal");
    open();
    close(')');
    return node(Kind::set, start);
  }

  void open() {
    if (++depth_ > kLargestDepth) fail("brackets nested deeper than 200");
    ++at_;
    skip_blank();
  }

  void close(char bracket) {
    if (peek() != bracket) fail(fmt::format("no '{}' or ',' where one should be", bracket));
    ++at_;
    --depth_;
  }

  /// A tuple, or a value in redundant parentheses.
  Parsed parenthesised() {
    const std::size_t start = at_;
    open();
    Literal tuple = node(Kind::tuple, start);
    if (peek() != ')') {
      Parsed first = value();
      if (peek() != ',') {
        close(')');
        return first;
      }
      tuple.items.push_back(std::move(first.literal));
      while (take_comma(')')) tuple.items.push_back(value().literal);
    }
    close(')');
    return {std::move(tuple), false};
  }

  /// Skips a comma; returns true if another item follows.
  bool take_comma(char bracket) {
    if (!take(',')) return false;
    skip_blank();
    return peek() != bracket;
  }

  Literal sequence(Kind kind, char bracket) {
    Literal literal = node(kind, at_);
    open();
    if (peek() != bracket) {
      do literal.items.push_back(value().literal);
      while (take_comma(bracket));
    }
    close(bracket);
    return literal;
  }

  /// A dict, or a set if its first item has no colon.
  Literal braces() {
    Literal literal = node(Kind::dict, at_);
    open();
    if (peek() != '}') {
      literal.items.push_back(key());
      if (peek() != ':') literal.kind = Kind::set;
      if (literal.kind == Kind::dict) literal.items.push_back(value_of_key());
      while (take_comma('}')) {
        literal.items.push_back(key());
        if (literal.kind == Kind::dict) literal.items.push_back(value_of_key());
      }
    }
    close('}');
    return literal;
  }

  Literal key() {
    Literal literal = value().literal;
    if (!is_hashable(literal)) throw LiteralError("a key that cannot be one", literal.offset_bytes);
    return literal;
  }

  Literal value_of_key() {
    if (!take(':')) fail("no ':' where one should be");
    skip_blank();
    return value().literal;
  }

  std::string_view source_;
  PythonDialect dialect_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

std::string repr_of_items(const Literal& literal) {
  const bool is_list = literal.kind == Kind::list;
  std::string out = is_list ? "[" : "(";
  for (std::size_t i = 0; i < literal.items.size(); ++i) {
    if (i > 0) out += ", ";
    out += python_repr(literal.items[i]);
  }
  if (!is_list && literal.items.size() == 1) out += ",";
  return out + (is_list ? "]" : ")");
}

}  // namespace

const Literal* Literal::find(std::string_view key) const {
  const Literal* found = nullptr;
  for (std::size_t i = 0; kind == Kind::dict && i + 1 < items.size(); i += 2)
    if (items[i].kind == Kind::text && items[i].text == key) found = &items[i + 1];
  return found;
}

Literal Literal::of_text(std::string text) {
  Literal literal;
  literal.kind = Kind::text;
  literal.text = std::move(text);
  return literal;
}

Literal Literal::of_integer(std::int64_t value) {
  Literal literal;
  literal.kind = Kind::integer;
  literal.integer = value;
  return literal;
}

Literal Literal::of_items(Kind kind, std::vector<Literal> items) {
  Literal literal;
  literal.kind = kind;
  literal.items = std::move(items);
  return literal;
}

Literal parse_literal(std::string_view text, PythonDialect dialect) {
  return Parser(text, dialect).document();
}

std::string python_repr(const Literal& literal) {
  switch (literal.kind) {
    case Kind::text:
      return python_repr(std::string_view(literal.text));
    case Kind::integer:
      return fmt::format("{}", literal.integer.value_or(0));
    case Kind::boolean:
      return literal.boolean ? "True" : "False";
    case Kind::tuple:
    case Kind::list:
      return repr_of_items(literal);
    default:
      return "None";
  }
}

}  // namespace npyrace
