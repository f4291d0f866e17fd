#pragma once
// Python literals: what `ast.literal_eval` of Python 3.11 takes, as far as an NPY header can need
// it. Refused although Python takes them: `\N{NAME}` escapes.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace npyrace {

/// A value of a Python literal. A tree no deeper than Python's 200 brackets.
struct Literal {
  enum class Kind {
    none,
    ellipsis,
    boolean,
    integer,
    real,
    imaginary,  ///< `2j`, or a sum such as `1+2j`
    text,
    bytes,
    tuple,
    list,
    dict,  ///< items are key, value, key, value, …
    set,
  };

  Kind kind = Kind::none;
  bool boolean = false;
  /// Of an integer, and of a boolean (0 or 1); nothing when 64 bits do not hold it.
  std::optional<std::int64_t> integer = std::nullopt;
  /// UTF-8. Lone surrogates are kept as append_utf8 writes them.
  std::string text = {};
  std::vector<Literal> items = {};
  std::size_t offset_bytes = 0;  ///< of the first character in the parsed text

  /// The value of a text key of a dict, the last one as in Python, or null.
  const Literal* find(std::string_view key) const;

  /// True for an int as Python's isinstance sees it: booleans are integers.
  bool is_integer() const { return kind == Kind::integer || kind == Kind::boolean; }

  static Literal of_text(std::string text);
  static Literal of_integer(std::int64_t value);
  static Literal of_items(Kind kind, std::vector<Literal> items);
};

/// The text is not a literal. what() says why, without the place.
class LiteralError : public std::runtime_error {
 public:
  LiteralError(const std::string& reason, std::size_t offset_bytes)
      : std::runtime_error(without_nul(reason)), offset_bytes_(offset_bytes) {}

  std::size_t offset_bytes() const { return offset_bytes_; }

 private:
  std::size_t offset_bytes_;
};

/// What NumPy's filter for headers written by Python 2 changes.
enum class PythonDialect { python3, python2_longs };

/// Parses `text` (UTF-8). Memory is proportional to the text. Throws LiteralError.
Literal parse_literal(std::string_view text, PythonDialect dialect = PythonDialect::python3);

/// repr() of text, integer, boolean, None, tuple and list.
std::string python_repr(const Literal& literal);

}  // namespace npyrace
