#include "core/npy/dtype_names.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <limits>
#include <string>

#include "core/base/text.h"

namespace npyrace {
namespace {

ScalarType make(ScalarKind kind, std::uint64_t item_bytes) {
  const bool ordered =
      kind == ScalarKind::text || (item_bytes > 1 && kind != ScalarKind::object &&
                                   kind != ScalarKind::bytes && kind != ScalarKind::raw);
  return {kind, ordered ? ByteOrder::little : ByteOrder::none, item_bytes};
}

struct NameRow {
  std::string_view name;
  ScalarKind kind;
  std::uint64_t item_bytes;
};

constexpr NameRow kNames[] = {
    {"bool", ScalarKind::boolean, 1},
    {"bool8", ScalarKind::boolean, 1},
    {"bool_", ScalarKind::boolean, 1},
    {"byte", ScalarKind::signed_integer, 1},
    {"int8", ScalarKind::signed_integer, 1},
    {"int16", ScalarKind::signed_integer, 2},
    {"short", ScalarKind::signed_integer, 2},
    {"int32", ScalarKind::signed_integer, 4},
    {"intc", ScalarKind::signed_integer, 4},
    {"int", ScalarKind::signed_integer, 8},
    {"int0", ScalarKind::signed_integer, 8},
    {"int64", ScalarKind::signed_integer, 8},
    {"int_", ScalarKind::signed_integer, 8},
    {"intp", ScalarKind::signed_integer, 8},
    {"long", ScalarKind::signed_integer, 8},
    {"longlong", ScalarKind::signed_integer, 8},
    {"ubyte", ScalarKind::unsigned_integer, 1},
    {"uint8", ScalarKind::unsigned_integer, 1},
    {"uint16", ScalarKind::unsigned_integer, 2},
    {"ushort", ScalarKind::unsigned_integer, 2},
    {"uint32", ScalarKind::unsigned_integer, 4},
    {"uintc", ScalarKind::unsigned_integer, 4},
    {"uint", ScalarKind::unsigned_integer, 8},
    {"uint0", ScalarKind::unsigned_integer, 8},
    {"uint64", ScalarKind::unsigned_integer, 8},
    {"uintp", ScalarKind::unsigned_integer, 8},
    {"ulong", ScalarKind::unsigned_integer, 8},
    {"ulonglong", ScalarKind::unsigned_integer, 8},
    {"float16", ScalarKind::floating, 2},
    {"half", ScalarKind::floating, 2},
    {"float32", ScalarKind::floating, 4},
    {"single", ScalarKind::floating, 4},
    {"double", ScalarKind::floating, 8},
    {"float", ScalarKind::floating, 8},
    {"float64", ScalarKind::floating, 8},
    {"float_", ScalarKind::floating, 8},
    {"float128", ScalarKind::floating, 16},
    {"longdouble", ScalarKind::floating, 16},
    {"longfloat", ScalarKind::floating, 16},
    {"complex64", ScalarKind::complex, 8},
    {"csingle", ScalarKind::complex, 8},
    {"singlecomplex", ScalarKind::complex, 8},
    {"cdouble", ScalarKind::complex, 16},
    {"cfloat", ScalarKind::complex, 16},
    {"complex", ScalarKind::complex, 16},
    {"complex128", ScalarKind::complex, 16},
    {"complex_", ScalarKind::complex, 16},
    {"clongdouble", ScalarKind::complex, 32},
    {"clongfloat", ScalarKind::complex, 32},
    {"complex256", ScalarKind::complex, 32},
    {"longcomplex", ScalarKind::complex, 32},
    {"object", ScalarKind::object, 8},
    {"object0", ScalarKind::object, 8},
    {"object_", ScalarKind::object, 8},
    {"bytes", ScalarKind::bytes, 0},
    {"bytes0", ScalarKind::bytes, 0},
    {"bytes_", ScalarKind::bytes, 0},
    {"string_", ScalarKind::bytes, 0},
    {"str", ScalarKind::text, 0},
    {"str0", ScalarKind::text, 0},
    {"str_", ScalarKind::text, 0},
    {"unicode", ScalarKind::text, 0},
    {"unicode_", ScalarKind::text, 0},
    {"void", ScalarKind::raw, 0},
    {"void0", ScalarKind::raw, 0},
};

struct CharacterRow {
  char letter;
  ScalarKind kind;
  std::uint64_t item_bytes;
};

/// The first 24 rows are at NumPy's type numbers, which np.dtype also accepts as characters.
constexpr CharacterRow kCharacters[] = {
    {'?', ScalarKind::boolean, 1},
    {'b', ScalarKind::signed_integer, 1},
    {'B', ScalarKind::unsigned_integer, 1},
    {'h', ScalarKind::signed_integer, 2},
    {'H', ScalarKind::unsigned_integer, 2},
    {'i', ScalarKind::signed_integer, 4},
    {'I', ScalarKind::unsigned_integer, 4},
    {'l', ScalarKind::signed_integer, 8},
    {'L', ScalarKind::unsigned_integer, 8},
    {'q', ScalarKind::signed_integer, 8},
    {'Q', ScalarKind::unsigned_integer, 8},
    {'f', ScalarKind::floating, 4},
    {'d', ScalarKind::floating, 8},
    {'g', ScalarKind::floating, 16},
    {'F', ScalarKind::complex, 8},
    {'D', ScalarKind::complex, 16},
    {'G', ScalarKind::complex, 32},
    {'O', ScalarKind::object, 8},
    {'S', ScalarKind::bytes, 0},
    {'U', ScalarKind::text, 0},
    {'V', ScalarKind::raw, 0},
    {'M', ScalarKind::datetime, 8},
    {'m', ScalarKind::timedelta, 8},
    {'e', ScalarKind::floating, 2},
    {'a', ScalarKind::bytes, 0},
    {'c', ScalarKind::bytes, 1},
    {'p', ScalarKind::signed_integer, 8},
    {'P', ScalarKind::unsigned_integer, 8},
};

constexpr unsigned char kNumbers = 24;
constexpr unsigned char kCharacterNumber = 26;  ///< deprecated type number of 'c'

ScalarType of_row(const CharacterRow& row) {
  return make(row.kind, row.item_bytes);
}

struct KindRow {
  char letter;
  std::string_view sizes;  ///< sizes in bytes, one character each
};

constexpr KindRow kKinds[] = {
    {'b', "\1"},        {'i', "\1\2\4\10"}, {'u', "\1\2\4\10"}, {'f', "\2\4\10\20"},
    {'c', "\10\20\40"}, {'O', "\4\10"},     {'M', "\10"},       {'m', "\10"},
};

}  // namespace

std::optional<ScalarType> scalar_of_name(std::string_view name) {
  for (const NameRow& row : kNames)
    if (row.name == name) return make(row.kind, row.item_bytes);
  return std::nullopt;
}

std::optional<ScalarType> scalar_of_character(char code) {
  const auto number = static_cast<unsigned char>(code);
  if (number < kNumbers) return of_row(kCharacters[number]);
  if (number == kCharacterNumber) return make(ScalarKind::bytes, 1);
  for (const CharacterRow& row : kCharacters)
    if (row.letter == code) return of_row(row);
  return std::nullopt;
}

std::optional<ScalarType> scalar_of_kind(char kind, std::uint64_t item_bytes) {
  for (const KindRow& row : kKinds) {
    if (row.letter != kind || item_bytes == 0 || item_bytes > 32) continue;
    if (row.sizes.find(static_cast<char>(item_bytes)) == std::string_view::npos) continue;
    return kind == 'O' ? make(ScalarKind::object, 8)
                       : make(static_cast<ScalarKind>(kind), item_bytes);
  }
  return std::nullopt;
}

namespace {

constexpr std::int64_t kLargestMultiple = std::numeric_limits<std::int32_t>::max();

/// Units of which a unit is a multiple, coarsest first.
struct FinerUnit {
  std::string_view name;
  std::int64_t count;
};

struct UnitRow {
  std::string_view name;
  std::array<FinerUnit, 3> finer;  ///< empty names: none
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

[[noreturn]] void fail_unit(std::string_view text) {
  throw DtypeError(fmt::format("not a datetime unit: '{}'", text));
}

/// `[2s/4]` is `[500ms]`: uses the first finer unit that the divisor divides.
DatetimeUnit divided(const UnitRow& row, std::int64_t multiple, std::int64_t divisor,
                     std::string_view text) {
  if (divisor <= 0 || divisor > kLargestMultiple) fail_unit(text);
  for (const FinerUnit& finer : row.finer) {
    if (finer.name.empty() || finer.count % divisor != 0) continue;
    const std::int64_t product = multiple * (finer.count / divisor);
    if (product > kLargestMultiple) fail_unit(text);
    return {static_cast<std::int32_t>(product), std::string(finer.name)};
  }
  fail_unit(text);
}

struct UnitParts {
  std::int64_t multiple = 1;
  std::string_view unit;
  std::optional<std::int64_t> divisor = std::nullopt;
};

/// Splits the text between the brackets.
UnitParts split(std::string_view inside, std::string_view text) {
  UnitParts parts;
  const AsciiNumber multiple = leading_number(inside);
  if (multiple.size_bytes > 0) parts.multiple = multiple.value;
  if (parts.multiple < 0 || parts.multiple > kLargestMultiple) fail_unit(text);
  inside.remove_prefix(multiple.size_bytes);
  const std::size_t slash = inside.find('/');
  parts.unit = inside.substr(0, slash);
  if (slash == std::string_view::npos) return parts;
  inside.remove_prefix(slash + 1);
  const AsciiNumber divisor = leading_number(inside);
  if (divisor.size_bytes == 0 || divisor.size_bytes != inside.size()) fail_unit(text);
  parts.divisor = divisor.value;
  return parts;
}

}  // namespace

std::optional<DatetimeUnit> parse_datetime_unit(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool bracketed =
      text.size() >= 3 && text.front() == '[' && text.find(']') == text.size() - 1;
  if (!bracketed) fail_unit(text);
  const UnitParts parts = split(text.substr(1, text.size() - 2), text);
  const std::int64_t divisor = parts.divisor.value_or(1);
  if (parts.unit == "generic" && divisor == 1) return std::nullopt;
  const UnitRow* row = find_unit(parts.unit);
  if (row == nullptr) fail_unit(text);
  if (divisor != 1) return divided(*row, parts.multiple, divisor, text);
  return DatetimeUnit{static_cast<std::int32_t>(parts.multiple), std::string(row->name)};
}

}  // namespace npyrace
