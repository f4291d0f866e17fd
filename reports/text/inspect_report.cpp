#include "reports/text/inspect_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/npy/dtype.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has only arrays for tuples and lists.
Json json_of(const Literal& literal) {
  if (literal.kind == Literal::Kind::text) return literal.text;
  if (literal.kind == Literal::Kind::integer) return literal.integer.value_or(0);
  Json array = Json::array();
  for (const Literal& item : literal.items) array.push_back(json_of(item));
  return array;
}

/// 1234567 → "1 234 567", for people.
std::string grouped(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ' ';
    out += digits[i];
  }
  return out;
}

void append_line(std::string& out, const char* label, const std::string& value) {
  out += fmt::format("  {:<12} {}\n", label, value);
}

/// One line per field; nested ones are indented.
void append_fields(std::string& out, const StructType& type, std::size_t indent) {
  for (const Field& field : type.fields) {
    const StructType* nested = field.dtype.structure();
    const std::string kind = nested != nullptr ? "structure" : printable(descr_text(field.dtype));
    const std::string title =
        field.title ? fmt::format(" (title '{}')", printable(*field.title)) : "";
    out += fmt::format("{:{}}{}{}: {}, {} bytes at {}\n", "", indent, printable(field.name), title,
                       kind, field.dtype.itemsize_bytes(), field.offset_bytes);
    if (nested != nullptr) append_fields(out, *nested, indent + 2);
  }
}

void append_dtype(std::string& out, const Dtype& dtype) {
  const StructType* type = dtype.structure();
  if (type == nullptr) return append_line(out, "dtype", printable(descr_text(dtype)));
  append_line(out, "dtype", fmt::format("structure of {} fields", type->fields.size()));
  append_fields(out, *type, 15);
}

}  // namespace

std::uint64_t missing_bytes(const InspectedFile& file) {
  const std::uint64_t expected_bytes = file.header.data_offset_bytes + file.header.data_bytes();
  if (file.header.dtype.has_object() || file.file_bytes >= expected_bytes) return 0;
  return expected_bytes - file.file_bytes;
}

namespace {

/// Empty if the file has the length given by its header.
std::string length_note(const InspectedFile& file) {
  const std::uint64_t expected_bytes = file.header.data_offset_bytes + file.header.data_bytes();
  if (file.header.dtype.has_object()) return "the data are pickled Python objects";
  if (missing_bytes(file) > 0)
    return fmt::format("the file is {} bytes shorter than its header claims",
                       grouped(missing_bytes(file)));
  if (file.file_bytes > expected_bytes)
    return fmt::format("the file is {} bytes longer than its header claims",
                       grouped(file.file_bytes - expected_bytes));
  return "";
}

}  // namespace

std::string inspect_text(const InspectedFile& file) {
  const NpyHeader& header = file.header;
  std::string out = printable(file.path) + "\n";
  append_line(out, "version", fmt::format("{}.{}", header.version.major, header.version.minor));
  append_line(out, "shape", shape_text(header.shape));
  append_line(out, "order",
              header.fortran_order ? "Fortran (first axis fastest)" : "C (last axis fastest)");
  append_dtype(out, header.dtype);
  append_line(out, "item", grouped(header.itemsize_bytes()) + " bytes");
  append_line(out, "data offset", grouped(header.data_offset_bytes) + " bytes");
  append_line(out, "data", grouped(header.data_bytes()) + " bytes");
  append_line(out, "file", grouped(file.file_bytes) + " bytes");
  const std::string note = length_note(file);
  if (!note.empty()) append_line(out, "note", note);
  return out;
}

std::string inspect_json(const InspectedFile& file, const InspectJsonOptions& options) {
  const NpyHeader& header = file.header;
  Json json = Json::object();
  if (options.first_key_file) json["file"] = file.path;
  json["version"] = {header.version.major, header.version.minor};
  json["shape"] = header.shape;
  json["fortran_order"] = header.fortran_order;
  json["descr"] = json_of(dtype_to_descr(header.dtype));
  json["itemsize"] = header.itemsize_bytes();
  json["data_offset"] = header.data_offset_bytes;
  json["data_bytes"] = header.data_bytes();
  json["file_bytes"] = file.file_bytes;
  if (missing_bytes(file) > 0) json["truncated"] = true;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace npyrace
