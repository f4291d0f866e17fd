#pragma once
// Which characters Python's repr() shows as they are (str.isprintable).

namespace npyrace {

bool is_printable(char32_t code_point);

}  // namespace npyrace
