#pragma once
// Tokens of Python source: blanks, comments and line ends between tokens, and numbers.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/npy/python_literal.h"

namespace npyrace {

/// Skips blanks, comments and line ends inside brackets; returns the next offset. Throws
/// LiteralError.
std::size_t skip_blank_in_brackets(std::string_view source, std::size_t at);

/// Skips blanks that do not end a logical line; returns the next offset. Throws LiteralError.
std::size_t skip_blank_in_line(std::string_view source, std::size_t at);

/// Skips everything that may precede an expression: lines without code, but no indentation.
std::size_t skip_blank_before(std::string_view source, PythonDialect dialect);

/// Requires that only blank lines follow from byte `at`. Throws LiteralError.
void require_blank_until_end(std::string_view source, std::size_t at, PythonDialect dialect);

// Number tokens.

struct NumberToken {
  Literal::Kind kind = Literal::Kind::integer;       ///< integer, real or imaginary
  std::optional<std::int64_t> value = std::nullopt;  ///< for an integer that fits in 64 bits
  std::size_t end = 0;
};

/// True if a number token begins at byte `at` of `source`.
bool number_begins(std::string_view source, std::size_t at);

/// Reads the number token that begins at `at`. Throws LiteralError.
NumberToken read_number(std::string_view source, std::size_t at);

}  // namespace npyrace
