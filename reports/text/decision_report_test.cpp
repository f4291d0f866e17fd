#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "reports/text/comparison_report.h"
#include "reports/text/table.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

CellComparison cell(const char* name, Verdict before, Verdict now, Change change) {
  return {
      .name = name,
      .base = {.runs = 1, .repetitions = 5, .seconds = 1e-6, .verdict = before, .reason = "old"},
      .candidate =
          {.runs = 1, .repetitions = 5, .seconds = 1.5e-6, .verdict = now, .reason = "7 lost"},
      .change = change};
}

Comparison two_cells() {
  return {.cells = {cell("mmap/packed/end", Verdict::safe, Verdict::unsafe,
                         {.ratio = 1.5, .interval = {1.4, 1.6}, .known = true}),
                    cell("pwrite/packed/end", Verdict::safe, Verdict::safe,
                         {.ratio = 0.97, .interval = {0.9, 1.05}, .known = true})},
          .only_base = {"osync/packed/end"},
          .method = "a method"};
}

GateResult one_of_each() {
  const auto one = [](const char* name, GateOutcome outcome) {
    return GateCell{.name = name, .outcome = outcome, .reason = "why, 100 %\nand more"};
  };
  return {.cells = {one("a/x", GateOutcome::lost_safety), one("b/x", GateOutcome::slower),
                    one("c/x", GateOutcome::drifted), one("d/x", GateOutcome::not_proven),
                    one("e/x", GateOutcome::not_measurable), one("f/x", GateOutcome::passed)},
          .labels = {{"commit", "<abc>"}},
          .method = "a method"};
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

}  // namespace

TEST_CASE("a complete comparison as text", "[comparison]") {
  CHECK(comparison_report(two_cells(), {}) ==
        "time of one record (Google Benchmark: of one iteration); 95 % intervals of new /\n"
        "  base: a method\n"
        "all: packed, end\n"
        "\n"
        "mmap: safe > unsafe: 7 lost\n"
        "\n"
        "cell    verdict        base  new     time %  interval        speed\n"
        "mmap    safe > unsafe  1 us  1.5 us  +50.0   +40.0 .. +60.0  slower\n"
        "pwrite  safe           1 us  1.5 us  -3.0    -10.0 .. +5.0   same\n"
        "\n"
        "only in base: osync/packed/end\n");
}

TEST_CASE("a comparison fits 80 columns, however long the names", "[comparison]") {
  Comparison comparison = two_cells();
  comparison.cells[0].name = "mmap-something-long/padded-record@1048576/x";
  comparison.cells[1].name = "pwrite-something-long/padded-block@1048576/x";
  CHECK(widest_line(comparison_report(comparison, {})) <= 80);
}

TEST_CASE("an interval that says nothing is null in JSON and unknown in the table",
          "[comparison]") {
  Comparison comparison = two_cells();
  comparison.cells[1].change = Change{.ratio = 1.2, .interval = {0, INFINITY}, .known = false};
  const auto json = nlohmann::json::parse(comparison_json(comparison));
  CHECK(json["cells"][1]["time_ratio_interval"][1].is_null());
  CHECK(json["cells"][1]["speed"] == "unknown");
  CHECK(json["cells"][0]["time_ratio_interval"][0] == 1.4);
  CHECK_THAT(comparison_report(comparison, {}), ContainsSubstring("unknown"));
}

TEST_CASE("colour marks what needs attention, and only on request", "[comparison]") {
  CHECK_THAT(comparison_report(two_cells(), {.colour = true}),
             ContainsSubstring("\033[31mslower\033[0m\n") ||
                 ContainsSubstring("\033[31m  slower\033[0m\n"));
  CHECK_THAT(comparison_report(two_cells(), {}), !ContainsSubstring("\033"));
}

TEST_CASE("a comparison without common cells says so", "[comparison]") {
  CHECK_THAT(comparison_report({.only_base = {"a"}, .only_new = {"b"}}, {}),
             ContainsSubstring("no cell is on both sides") && ContainsSubstring("only in new: b"));
}

TEST_CASE("a gate prints every cell that did not pass, and the counts at the end",
          "[gate_report]") {
  const std::string text = gate_report(one_of_each(), {});
  for (const char* line : {"lost safety: a: why", "slower: b: why", "drifted: c: why",
                           "not proven: d: why", "not measurable: e: why"})
    CHECK_THAT(text, ContainsSubstring(line));
  CHECK_THAT(text, !ContainsSubstring("passed: f"));
  CHECK(text.ends_with("gate: failed, 4 of 6 cells; 1 undecided\n"));
  CHECK(widest_line(text) <= 80);
  GateResult passed = one_of_each();
  passed.cells.erase(passed.cells.begin(), passed.cells.begin() + 4);
  CHECK(gate_report(passed, {}).ends_with("gate: passed, 1 of 2 cells; 1 undecided\n"));
}

TEST_CASE("many undecided cells do not hide the failed ones", "[gate_report]") {
  GateResult result = one_of_each();
  for (int i = 0; i < 20; ++i)
    result.cells.push_back(
        {.name = "g" + std::to_string(i) + "/x", .outcome = GateOutcome::not_measurable});
  CHECK_THAT(gate_report(result, {}), ContainsSubstring("... and 13 more"));
}

TEST_CASE("JUnit of a gate: failed cells fail, undecided cells are skipped", "[gate_report]") {
  pugi::xml_document document;
  REQUIRE(document.load_string(gate_junit(one_of_each()).c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  CHECK(suite.attribute("tests").as_int() == 6);
  CHECK(suite.attribute("failures").as_int() == 4);
  CHECK(suite.attribute("skipped").as_int() == 1);
  CHECK(std::string(suite.child("properties").child("property").attribute("value").value()) ==
        "<abc>");
}

TEST_CASE("an annotation is one line, even if the reason has several", "[gate_report]") {
  const std::string text = gate_annotations(one_of_each());
  CHECK(std::count(text.begin(), text.end(), '\n') == 5);
  CHECK_THAT(text,
             ContainsSubstring("::error title=npyrace gate%3A lost safety::a/x: why, 100 %25"));
  CHECK_THAT(text, ContainsSubstring("::warning title=npyrace gate%3A not measurable::e/x"));
}

TEST_CASE("names are shortened to the parts that differ, and stay unique", "[table]") {
  const ShortNames names = short_names({"a/x/1", "b/x/1"});
  CHECK(names.common == "x, 1");
  CHECK(names.names == std::vector<std::string>{"a", "b"});
  CHECK(short_names({"a/x"}).names == std::vector<std::string>{"a/x"});
  CHECK(short_names({"a/x", "a/x"}).names == std::vector<std::string>{"a/x", "a/x"});
  CHECK(short_names({"a/x", "b/x/y"}).names == std::vector<std::string>{"a/x", "b/x/y"});
  CHECK(short_names({}).names.empty());
}
