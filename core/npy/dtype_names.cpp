#include "core/npy/dtype_names.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <limits>
#include <string>

#include "core/base/text.h"

namespace npyrace {
namespace {

using Kind = ScalarKind;

ScalarType make(Kind kind, std::uint64_t item_bytes) {
  const bool ordered = kind == Kind::text || (item_bytes > 1 && kind != Kind::object &&
                                              kind != Kind::bytes && kind != Kind::raw);
  return {kind, ordered ? ByteOrder::little : ByteOrder::none, item_bytes};
}

struct NameRow {
  std::string_view name;
  Kind kind;
  std::uint64_t item_bytes;
};

constexpr NameRow kNames[] = {
    {"bool", Kind::boolean, 1},
    {"bool8", Kind::boolean, 1},
    {"bool_", Kind::boolean, 1},
    {"byte", Kind::signed_integer, 1},
    {"int8", Kind::signed_integer, 1},
    {"int16", Kind::signed_integer, 2},
    {"short", Kind::signed_integer, 2},
    {"int32", Kind::signed_integer, 4},
    {"intc", Kind::signed_integer, 4},
    {"int", Kind::signed_integer, 8},
    {"int0", Kind::signed_integer, 8},
    {"int64", Kind::signed_integer, 8},
    {"int_", Kind::signed_integer, 8},
    {"intp", Kind::signed_integer, 8},
    {"long", Kind::signed_integer, 8},
    {"longlong", Kind::signed_integer, 8},
    {"ubyte", Kind::unsigned_integer, 1},
    {"uint8", Kind::unsigned_integer, 1},
    {"uint16", Kind::unsigned_integer, 2},
    {"ushort", Kind::unsigned_integer, 2},
    {"uint32", Kind::unsigned_integer, 4},
    {"uintc", Kind::unsigned_integer, 4},
    {"uint", Kind::unsigned_integer, 8},
    {"uint0", Kind::unsigned_integer, 8},
    {"uint64", Kind::unsigned_integer, 8},
    {"uintp", Kind::unsigned_integer, 8},
    {"ulong", Kind::unsigned_integer, 8},
    {"ulonglong", Kind::unsigned_integer, 8},
    {"float16", Kind::floating, 2},
    {"half", Kind::floating, 2},
    {"float32", Kind::floating, 4},
    {"single", Kind::floating, 4},
    {"double", Kind::floating, 8},
    {"float", Kind::floating, 8},
    {"float64", Kind::floating, 8},
    {"float_", Kind::floating, 8},
    {"float128", Kind::floating, 16},
    {"longdouble", Kind::floating, 16},
    {"longfloat", Kind::floating, 16},
    {"complex64", Kind::complex, 8},
    {"csingle", Kind::complex, 8},
    {"singlecomplex", Kind::complex, 8},
    {"cdouble", Kind::complex, 16},
    {"cfloat", Kind::complex, 16},
    {"complex", Kind::complex, 16},
    {"complex128", Kind::complex, 16},
    {"complex_", Kind::complex, 16},
    {"clongdouble", Kind::complex, 32},
    {"clongfloat", Kind::complex, 32},
    {"complex256", Kind::complex, 32},
    {"longcomplex", Kind::complex, 32},
    {"object", Kind::object, 8},
    {"object0", Kind::object, 8},
    {"object_", Kind::object, 8},
    {"bytes", Kind::bytes, 0},
    {"bytes0", Kind::bytes, 0},
    {"bytes_", Kind::bytes, 0},
    {"string_", Kind::bytes, 0},
    {"str", Kind::text, 0},
    {"str0", Kind::text, 0},
    {"str_", Kind::text, 0},
    {"unicode", Kind::text, 0},
    {"unicode_", Kind::text, 0},
    {"void", Kind::raw, 0},
    {"void0", Kind::raw, 0},
};

struct CharacterRow {
  char letter;
  Kind kind;
  std::uint64_t item_bytes;
};

/// The first 24 rows are at NumPy's type numbers, which np.dtype also accepts as characters.
constexpr CharacterRow kCharacters[] = {
    {'?', Kind::boolean, 1},
    {'b', Kind::signed_integer, 1},
    {'B', Kind::unsigned_integer, 1},
    {'h', Kind::signed_integer, 2},
    {'H', Kind::unsigned_integer, 2},
    {'i', Kind::signed_integer, 4},
    {'I', Kind::unsigned_integer, 4},
    {'l', Kind::signed_integer, 8},
    {'L', Kind::unsigned_integer, 8},
    {'q', Kind::signed_integer, 8},
    {'Q', Kind::unsigned_integer, 8},
    {'f', Kind::floating, 4},
    {'d', Kind::floating, 8},
    {'g', Kind::floating, 16},
    {'F', Kind::complex, 8},
    {'D', Kind::complex, 16},
    {'G', Kind::complex, 32},
    {'O', Kind::object, 8},
    {'S', Kind::bytes, 0},
    {'U', Kind::text, 0},
    {'V', Kind::raw, 0},
    {'M', Kind::datetime, 8},
    {'m', Kind::timedelta, 8},
    {'e', Kind::floating, 2},
    {'a', Kind::bytes, 0},
    {'c', Kind::bytes, 1},
    {'p', Kind::signed_integer, 8},
    {'P', Kind::unsigned_integer, 8},
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
  if (number == kCharacterNumber) return make(Kind::bytes, 1);
  for (const CharacterRow& row : kCharacters)
    if (row.letter == code) return of_row(row);
  return std::nullopt;
}

std::optional<ScalarType> scalar_of_kind(char kind, std::uint64_t item_bytes) {
  for (const KindRow& row : kKinds) {
    if (row.letter != kind || item_bytes == 0 || item_bytes > 32) continue;
    if (row.sizes.find(static_cast<char>(item_bytes)) == std::string_view::npos) continue;
    return kind == 'O' ? make(Kind::object, 8) : make(static_cast<Kind>(kind), item_bytes);
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

[[noreturn]] void fail(std::string_view text) {
  throw DtypeError(fmt::format("not a datetime unit: '{}'", text));
}

/// `[2s/4]` is `[500ms]`: uses the first finer unit that the divisor divides.
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

/// Splits the text between the brackets.
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
