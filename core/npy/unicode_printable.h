#pragma once
// Characters that Python's repr() prints without escaping (str.isprintable).

namespace npyrace {

bool is_printable(char32_t code_point);

}  // namespace npyrace
