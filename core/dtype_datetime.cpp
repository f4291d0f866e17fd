#include "core/dtype_datetime.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string>

#include "core/ascii_number.h"

namespace npyrace {
namespace {

constexpr std::int64_t kLargestMultiple = std::numeric_limits<std::int32_t>::max();

/// What a unit is a multiple of, the coarsest first.
struct FinerUnit {
  std::string_view name;
  std::int64_t count;
};

struct UnitRow {
  std::string_view name;
  std::array<FinerUnit, 3> finer;  ///< empty names: no more
};

constexpr UnitRow kUnits[] = {
    {"Y", {{{"M", 12}, {"W", 52}, {"D", 365}}}},
    {"M", {{{"W", 4}, {"D", 30}, {"h", 720}}}},
    {"W", {{{"D", 7}, {"h", 168}, {"m", 10080}}}},
    {"D", {{{"h", 24}, {"m", 1440}, {"s", 86400}}}},
    {"h", {{{"m", 60}, {"s", 3600}}}},
    {"m", {{{"s", 60}, {"ms", 60000}}}},
    {"s", {{{"ms", 1000}, {"us", 1000000}}}},
    {"ms", {{{"us", 1000}, {"ns", 1000000}}}},
    {"us", {{{"ns", 1000}, {"ps", 1000000}}}},
    {"ns", {{{"ps", 1000}, {"fs", 1000000}}}},
    {"ps", {{{"fs", 1000}, {"as", 1000000}}}},
    {"fs", {{{"as", 1000}}}},
    {"as", {}},
};

constexpr std::string_view kMicrosecondsInGreek = "\xce\xbcs";

const UnitRow* find_unit(std::string_view name) {
  if (name == kMicrosecondsInGreek) name = "us";
  for (const UnitRow& row : kUnits)
    if (row.name == name) return &row;
  return nullptr;
}

[[noreturn]] void fail(std::string_view text) {
  throw DtypeError(fmt::format("not a datetime unit: '{}'", text));
}

/// `[2s/4]` is `[500ms]`: the first finer unit that the divisor divides.
DatetimeUnit divided(const UnitRow& row, std::int64_t multiple, std::int64_t divisor,
                     std::string_view text) {
  if (divisor <= 0 || divisor > kLargestMultiple) fail(text);
  for (const FinerUnit& finer : row.finer) {
    if (finer.name.empty() || finer.count % divisor != 0) continue;
    const std::int64_t product = multiple * (finer.count / divisor);
    if (product > kLargestMultiple) fail(text);
    return {static_cast<std::int32_t>(product), std::string(finer.name)};
  }
  fail(text);
}

struct UnitParts {
  std::int64_t multiple = 1;
  std::string_view unit;
  std::optional<std::int64_t> divisor = std::nullopt;
};

/// Splits what stands between the brackets.
UnitParts split(std::string_view inside, std::string_view text) {
  UnitParts parts;
  const AsciiNumber multiple = leading_number(inside);
  if (multiple.size_bytes > 0) parts.multiple = multiple.value;
  if (parts.multiple < 0 || parts.multiple > kLargestMultiple) fail(text);
  inside.remove_prefix(multiple.size_bytes);
  const std::size_t slash = inside.find('/');
  parts.unit = inside.substr(0, slash);
  if (slash == std::string_view::npos) return parts;
  inside.remove_prefix(slash + 1);
  const AsciiNumber divisor = leading_number(inside);
  if (divisor.size_bytes == 0 || divisor.size_bytes != inside.size()) fail(text);
  parts.divisor = divisor.value;
  return parts;
}

}  // namespace

std::optional<DatetimeUnit> parse_datetime_unit(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool bracketed =
      text.size() >= 3 && text.front() == '[' && text.find(']') == text.size() - 1;
  if (!bracketed) fail(text);
  const UnitParts parts = split(text.substr(1, text.size() - 2), text);
  const std::int64_t divisor = parts.divisor.value_or(1);
  if (parts.unit == "generic" && divisor == 1) return std::nullopt;
  const UnitRow* row = find_unit(parts.unit);
  if (row == nullptr) fail(text);
  if (divisor != 1) return divided(*row, parts.multiple, divisor, text);
  return DatetimeUnit{static_cast<std::int32_t>(parts.multiple), std::string(row->name)};
}

}  // namespace npyrace
