#pragma once
// What may stand between the tokens of a Python literal: blanks, comments, line ends.

#include <cstddef>
#include <string_view>

#include "core/python_literal.h"

namespace npyrace {

/// Skips what is blank inside brackets; returns the byte after it. Throws LiteralError.
std::size_t skip_blank_in_brackets(std::string_view source, std::size_t at);

/// Skips blanks that do not end a logical line. Throws LiteralError.
std::size_t skip_blank_in_line(std::string_view source, std::size_t at);

/// Skips all that may come before an expression: lines without code, but no indentation.
std::size_t skip_blank_before(std::string_view source, PythonDialect dialect);

/// Requires that nothing but blank lines follows from byte `at`. Throws LiteralError.
void require_blank_until_end(std::string_view source, std::size_t at, PythonDialect dialect);

}  // namespace npyrace
