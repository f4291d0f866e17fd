#pragma once
// What may stand between the tokens of a Python literal: blanks, comments, line ends.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/npy/python_literal.h"

namespace npyrace {

/// Skips what is blank inside brackets; returns the byte after it. Throws LiteralError.
std::size_t skip_blank_in_brackets(std::string_view source, std::size_t at);

/// Skips blanks that do not end a logical line. Throws LiteralError.
std::size_t skip_blank_in_line(std::string_view source, std::size_t at);

/// Skips all that may come before an expression: lines without code, but no indentation.
std::size_t skip_blank_before(std::string_view source, PythonDialect dialect);

/// Requires that nothing but blank lines follows from byte `at`. Throws LiteralError.
void require_blank_until_end(std::string_view source, std::size_t at, PythonDialect dialect);

// Number tokens of Python source.

struct NumberToken {
  Literal::Kind kind = Literal::Kind::integer;       ///< integer, real or imaginary
  std::optional<std::int64_t> value = std::nullopt;  ///< of an integer that 64 bits hold
  std::size_t end = 0;
};

/// True when a number token begins at byte `at` of `source`.
bool number_begins(std::string_view source, std::size_t at);

/// Reads the number token that begins at `at`. Throws LiteralError.
NumberToken read_number(std::string_view source, std::size_t at);

}  // namespace npyrace
