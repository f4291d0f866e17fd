#pragma once
// Number tokens of Python source.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/python_literal.h"

namespace npyrace {

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
