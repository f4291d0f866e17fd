#include "bench/race/array_request_json.h"

#include <fmt/format.h>

#include <charconv>

#include "core/error.h"
#include "core/ownership.h"

namespace npyrace {

namespace {

const char* content_name(Content content) {
  return content == Content::values ? "values" : "bytes";
}

/// Arrays from before there was a choice have stamps in all bytes.
Content content_from(const nlohmann::ordered_json& json) {
  const std::string name = json.value("content", content_name(Content::bytes));
  for (const Content content : {Content::bytes, Content::values})
    if (name == content_name(content)) return content;
  throw FormatError("content '" + name + "' is neither bytes nor values");
}

std::string hex_text(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string bytes_from_hex(const std::string& text) {
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const digits = text.data() + 2 * i;
    unsigned value = 0;
    if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2)
      throw FormatError("a header that is not in hexadecimal digits");
    bytes[i] = static_cast<char>(value);
  }
  return bytes;
}

}  // namespace

nlohmann::ordered_json to_json(const ArrayRequest& request) {
  nlohmann::ordered_json json{{"descr", request.descr},
                              {"row_shape", request.row_shape},
                              {"records", request.records},
                              {"layout", request.layout},
                              {"align_bytes", request.align_bytes},
                              {"ownership", ownership_name(request.ownership)},
                              {"writers", request.writers},
                              {"seed", request.seed},
                              {"content", content_name(request.content)}};
  if (!request.header.empty()) json["header"] = hex_text(request.header);
  return json;
}

ArrayRequest array_request_from_json(const nlohmann::ordered_json& json) {
  return {.descr = json.at("descr").get<std::string>(),
          .row_shape = json.at("row_shape").get<std::vector<std::uint64_t>>(),
          .records = json.at("records").get<std::uint64_t>(),
          .layout = json.at("layout").get<std::string>(),
          .align_bytes = json.at("align_bytes").get<std::uint64_t>(),
          .ownership = find_ownership(json.at("ownership").get<std::string>()),
          .writers = json.at("writers").get<std::uint64_t>(),
          .seed = json.at("seed").get<std::uint64_t>(),
          .content = content_from(json),
          .header = bytes_from_hex(json.value("header", ""))};
}

}  // namespace npyrace
