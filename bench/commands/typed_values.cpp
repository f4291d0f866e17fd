#include "bench/commands/typed_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/suggest.h"

namespace npyrace {
namespace {

/// Without a description: the help shows the type's name alone.
CLI::Validator validator(std::function<std::string(std::string&)> check) {
  return CLI::Validator(std::move(check), "");
}

std::optional<std::uint64_t> parsed(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || rest != end || error != std::errc()) return std::nullopt;
  return value;
}

bool is_digits(const std::string& text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= '0' && c <= '9'; });
}

std::string range_words(std::uint64_t least, std::uint64_t most) {
  const bool bounded = most != std::numeric_limits<std::uint64_t>::max();
  return bounded ? fmt::format(" from {} to {}", least, most) : fmt::format(" from {} on", least);
}

/// Runs one of CLI11's own transformers; false: it does not take the text.
bool transformed(const CLI::Validator& transformer, std::string& text) {
  std::string copy = text;
  try {
    if (!transformer(copy).empty()) return false;
  } catch (const CLI::Error&) {
    return false;
  }
  text = copy;
  return true;
}

bool is_number_in(const std::string& text, double most) {
  double value = -1;
  return CLI::detail::lexical_cast(text, value) && value >= 0 && value <= most;
}

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  return validator([least, most](std::string& text) -> std::string {
    const std::optional<std::uint64_t> value = parsed(text);
    if (value && *value >= least && *value <= most) return "";
    if (!value && is_digits(text)) return fmt::format("{} is more than 64 bits can hold", text);
    return fmt::format("'{}' is no whole number{}", text, range_words(least, most));
  });
}

CLI::Validator size_in_bytes() {
  return validator([size = CLI::AsSizeValue(false)](std::string& text) -> std::string {
    const std::string typed = text;
    if (transformed(size, text) && parsed(text)) return "";
    text = typed;
    return fmt::format("'{}' is no number of bytes, as in 4096, 4k or 1M", typed);
  });
}

CLI::Validator time_span(const TimeUnits& units, const std::string& example, double most_seconds) {
  const CLI::AsNumberWithUnit with_unit(units, CLI::AsNumberWithUnit::CASE_INSENSITIVE);
  return validator([with_unit, example, most_seconds](std::string& text) -> std::string {
    const std::string typed = text;
    if (transformed(with_unit, text) && is_number_in(text, most_seconds)) return "";
    text = typed;
    return fmt::format("'{}' is no time, as in {}", typed, example);
  });
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  return validator([words](std::string& text) -> std::string {
    if (std::ranges::find(words, text) != words.end()) return "";
    return unknown_name_message("word", text, words);
  });
}

}  // namespace npyrace
