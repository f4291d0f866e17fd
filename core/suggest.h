#pragma once
// "Did you mean …?" for every misspelled name.

#include <span>
#include <string>
#include <string_view>

namespace npyrace {

/// The candidate nearest to `typed` by edit distance, or empty when none is near enough to be
/// what was meant (more than a third of the letters differ).
std::string nearest_name(std::string_view typed, std::span<const std::string> candidates);

/// "unknown KIND 'typed'; did you mean 'x'? known: a, b, c"
std::string unknown_name_message(std::string_view kind, std::string_view typed,
                                 std::span<const std::string> candidates);

}  // namespace npyrace
