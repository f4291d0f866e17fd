#pragma once
// Parser for Python literals: the subset of Python 3.11's `ast.literal_eval` that NPY headers can
// need. `\N{NAME}` escapes are not supported.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace npyrace {

/// A value of a Python literal: a tree with at most Python's 200 levels of brackets.
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
  /// For an integer, or a boolean (0 or 1); nothing if it exceeds 64 bits.
  std::optional<std::int64_t> integer = std::nullopt;
  /// UTF-8. Lone surrogates are encoded as by append_utf8.
  std::string text = {};
  std::vector<Literal> items = {};
  std::size_t offset_bytes = 0;  ///< position of its first character in the parsed text

  /// The value of a text key of a dict, the last one as in Python; null if missing.
  const Literal* find(std::string_view key) const;

  /// True if Python's isinstance(value, int) is: booleans are integers.
  bool is_integer() const { return kind == Kind::integer || kind == Kind::boolean; }

  static Literal of_text(std::string text);
  static Literal of_integer(std::int64_t value);
  static Literal of_items(Kind kind, std::vector<Literal> items);
};

/// The text is not a literal. what() gives the reason without the position.
class LiteralError : public std::runtime_error {
 public:
  LiteralError(const std::string& reason, std::size_t offset_bytes)
      : std::runtime_error(without_nul(reason)), offset_bytes_(offset_bytes) {}

  std::size_t offset_bytes() const { return offset_bytes_; }

 private:
  std::size_t offset_bytes_;
};

/// python2_longs accepts integers such as 10L, as NumPy's filter for headers written by Python 2
/// does.
enum class PythonDialect { python3, python2_longs };

/// Parses `text` (UTF-8). Memory is proportional to the text. Throws LiteralError.
Literal parse_literal(std::string_view text, PythonDialect dialect = PythonDialect::python3);

/// repr() of text, integer, boolean, None, tuple and list.
std::string python_repr(const Literal& literal);

}  // namespace npyrace
