#include "reports/json/json_result.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "reports/json/json_report.h"
#include "reports/json/watch_fields.h"
#include "tests/catch.h"
#include "tests/test_result.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a written result is read back unchanged", "[json_result]") {
  const std::string text = json_report(full_test_result());
  CHECK(json_report(parse_result(text)) == text);
}

TEST_CASE("every key of a result is read: changing one changes the result written again",
          "[json_result]") {
  // Changes each number, text and boolean of a complete result in turn; a key that the reader
  // ignored would be written with its original value.
  const auto whole = nlohmann::ordered_json::parse(json_report(full_test_result()));
  const auto flat = whole["npyrace"].flatten();
  // Keys that are derived from others, or required to identify a result.
  const auto derived = [](const std::string& key) {
    for (const char* word : {"per_million", "schema_version", "/meaning", "/named", "/class",
                             "/region", "/verdict", "/recommendation/cell", "/cells/0/name"})
      if (key.find(word) != std::string::npos) return true;
    return false;
  };
  std::size_t changed_keys = 0;
  for (const auto& [key, value] : flat.items()) {
    if (derived(key)) continue;
    auto changed = whole;
    auto& place = changed["npyrace"][nlohmann::ordered_json::json_pointer(key)];
    if (value.is_boolean())
      place = !value.get<bool>();
    else if (value.is_number_unsigned())
      place = value.get<std::uint64_t>() + 1;
    else if (value.is_number())
      place = value.get<double>() * 2 + 1;
    else if (value.is_string())
      place = "changed";
    else
      continue;  // an empty array
    INFO(key);
    const std::string text = json_report(parse_result(changed.dump()));
    CHECK(nlohmann::ordered_json::parse(
              text)["npyrace"][nlohmann::ordered_json::json_pointer(key)] == place);
    ++changed_keys;
  }
  CHECK(changed_keys > 100);
}

TEST_CASE("results of older versions, which had fewer keys, are read", "[json_result]") {
  const RunResult result = parse_result(R"({"context": {}, "benchmarks": [], "npyrace": {
      "schema_version": 1, "cells": [{"name": "pwrite/packed", "verdict": "safe"}]}})");
  CHECK(result.cells.at(0).verdict == Verdict::safe);
  CHECK(result.cells.at(0).evidence.judge_uncached);
}

TEST_CASE("an invalid result is rejected with the position of the error", "[json_result]") {
  const auto words_of = [](const std::string& text) {
    try {
      parse_result(text);
      return std::string("none");
    } catch (const FormatError& error) {
      return std::string(error.what());
    }
  };
  const std::string text = json_report(full_test_result());
  CHECK_THAT(words_of(""), ContainsSubstring("ends in the middle, after 0 bytes"));
  CHECK_THAT(words_of(text.substr(0, text.size() / 2)), ContainsSubstring("ends in the middle"));
  CHECK_THAT(words_of("{\"a\": nonsense}"), ContainsSubstring("not JSON from byte 7 on"));
  CHECK_THAT(words_of(R"({"benchmarks": []})"), ContainsSubstring("no key 'npyrace'"));
  CHECK_THAT(words_of("[1, 2]"), ContainsSubstring("no key 'npyrace'"));
  CHECK_THAT(words_of(R"({"npyrace": 7})"),
             ContainsSubstring("npyrace: an object is expected, found number"));
  CHECK_THAT(words_of(R"({"npyrace": {"schema_version": 2}})"),
             ContainsSubstring("schema version 2 is not known"));
  CHECK_THAT(words_of(R"({"npyrace": {"schema_version": 1}})"),
             ContainsSubstring("'cells' is missing"));
  CHECK_THAT(words_of(std::string(100000, '[')), ContainsSubstring("nested deeper"));
  const std::string cell =
      R"({"npyrace": {"schema_version": 1, "cells": [{"name": "a", "verdict": )";
  CHECK_THAT(words_of(cell + R"("sfe"}]}})"),
             ContainsSubstring("npyrace.cells[0].verdict: 'sfe' is no verdict"));
  CHECK_THAT(words_of(cell + R"("safe", "writers": -4}]}})"),
             ContainsSubstring("npyrace.cells[0].writers: a whole number"));
  CHECK_THAT(words_of(cell + R"("safe", "seconds": [0.5, "x"]}]}})"),
             ContainsSubstring("seconds[1]"));
}

TEST_CASE("a page map that cannot be drawn is refused", "[json_result]") {
  const auto words_of = [](const char* page_map) {
    const std::string text = std::string(R"({"npyrace": {"schema_version": 1, "cells": [
        {"name": "a", "verdict": "safe", "page_map": )") +
                             page_map + "}]}}";
    try {
      parse_result(text);
      return std::string("none");
    } catch (const FormatError& error) {
      return std::string(error.what());
    }
  };
  const char* fine = R"({"tile_bytes": 4096, "owners": [{"tiles": 512}], "damaged": []})";
  CHECK(words_of(fine) == "none");
  CHECK_THAT(words_of(R"({"tile_bytes": 4096, "owners": [{"tiles": 500},
      {"tiles": 18446744073709551615}], "damaged": []})"),
             ContainsSubstring("cells[0].page_map.owners[1]: more than 512 tiles"));
  CHECK_THAT(words_of(R"({"tile_bytes": 4096, "owners": [{"tiles": 2}],
      "damaged": [{"tile": 2, "records": 1}]})"),
             ContainsSubstring("page_map.damaged: tile 2 of 2"));
}

TEST_CASE("a result of watch whose files have no writers is refused", "[json_result]") {
  WatchResult result{.files = {{.path = "/a.npy", .writers = {{.pid = 1}}}}};
  CHECK(parse_watch_result(watch_json(result)).files[0].writers[0].pid == 1);
  result.files[0].writers.clear();
  CHECK_THROWS_WITH(parse_watch_result(watch_json(result)), "files[0]: a file without writers");
}
