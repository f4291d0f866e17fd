#include "reports/html/html_report.h"

#include <nlohmann/json.hpp>

#include "reports/html/html_sections.h"
#include "reports/html/html_text.h"
#include "reports/json/json_report.h"
#include "tests/catch.h"
#include "tests/test_result.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

namespace {

std::size_t count_of(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

/// The JSON that a browser passes to the page's script.
std::string embedded_json(const std::string& page) {
  const std::string start = "<script type=\"application/json\" id=\"result\">";
  const auto from = page.find(start) + start.size();
  return page.substr(from, page.find("</script>", from) - from);
}

/// The page without npyrace's own scripts.
std::string without_scripts(std::string page) {
  for (const std::string_view script : {kChartJs, kPageMapJs, kReportJs})
    if (!script.empty()) page.erase(page.find(script), script.size());
  return page;
}

}  // namespace

TEST_CASE("text from outside is escaped in HTML", "[html]") {
  CHECK(html_text("<b a='1' c=\"2\">&") == "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
  CHECK(html_text("\033[31m") == "\\x1b[31m");
  CHECK(html_text("µs") == "µs");
  CHECK(html_json(R"({"a": "</script><!--"})") == R"({"a": "\u003c/script>\u003c!--"})");
}

TEST_CASE("hostile names stay text in every part of the page", "[html]") {
  const std::string evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
  RunResult result = full_test_result();
  result.labels = {{evil, evil}};
  result.scenarios = {evil};
  result.environment.mounts[0].dir = evil;
  result.environment.mounts[0].fs_type = evil;
  result.environment.lab.clear();
  result.environment.kernel = evil;
  result.environment.host_name = evil;
  result.contradictions = {evil};
  for (CellResult& cell : result.cells) {
    for (std::string* text : {&cell.cell.name, &cell.cell.strategy, &cell.cell.layout,
                              &cell.cell.sync, &cell.reason, &cell.evidence.judge})
      *text = evil;
    for (Example& example : cell.examples) example.found = example.expected = evil;
  }
  result.recommendation.why = result.recommendation.cell = result.recommendation.numpy = evil;
  result.recommendation.ties = result.recommendation.missing = {evil};
  result.passport->rows[0].via = result.passport->between = evil;
  const std::string page = without_scripts(html_report(result));
  CHECK(count_of(page, "<img") == 0);
  CHECK(count_of(page, "alert(1)") > 20);
  CHECK(count_of(page, "<script") == count_of(page, "</script>"));
  CHECK(count_of(page, "<script>alert") == 0);
  CHECK(count_of(page, "<script") == 4);
}

TEST_CASE("the page holds the whole result", "[html]") {
  const RunResult result = full_test_result();
  const auto json = nlohmann::ordered_json::parse(embedded_json(html_report(result)));
  CHECK(json == nlohmann::ordered_json::parse(json_report(result)));
}

TEST_CASE("the worst verdict is the headline", "[html]") {
  RunResult result = full_test_result();
  CHECK_THAT(html_head(result),
             ContainsSubstring("<strong>unsafe</strong>: 2 of 3 cells and experiments lost"));
  result.experiments.clear();
  CHECK_THAT(
      html_head(result),
      ContainsSubstring("<strong>unsafe</strong>: 1 of 2 cells lost, tore or misplaced records"));
  result.cells[1].verdict = Verdict::inconclusive;
  CHECK_THAT(html_head(result),
             ContainsSubstring("<strong>inconclusive</strong>: 1 of 2 cells could not be decided"));
  result.cells.resize(1);
  CHECK_THAT(html_head(result),
             ContainsSubstring("<strong>safe</strong>: 1 of 1 cell kept every record"));
  CHECK_THAT(html_head(result), ContainsSubstring("Contradiction: promised coherent, seen unsafe"));
}

TEST_CASE("experiments that lost are in the headline, without any cell", "[html]") {
  RunResult result = full_test_result();
  result.cells.clear();
  CHECK_THAT(html_head(result), ContainsSubstring("<strong>unsafe</strong>: 1 of 1 experiments"));
  CHECK_THAT(html_report(result), ContainsSubstring("How long single accesses take"));
}

TEST_CASE("tables hold the full precision behind rounded numbers", "[html]") {
  RunResult result = full_test_result();
  result.cells[0].records_per_second = 1234567.875;
  CHECK_THAT(html_throughput(result), ContainsSubstring("data-value=\"1234567.875\">1.23 M</td>"));
}

TEST_CASE("pages with equal writers and equal damage are listed as one range", "[html]") {
  RunResult result = full_test_result();
  CellResult& cell = result.cells[1];
  cell.file_bytes = 4096 * 33 - 7;
  const std::string maps = html_page_maps(result);
  CHECK_THAT(maps, ContainsSubstring("0 to 4095</th>"));
  CHECK_THAT(maps, ContainsSubstring("4096 to 122879</th>"));
  CHECK_THAT(maps, ContainsSubstring("126976 to 131071</th><td>1, 2 and others</td>"));
  CHECK_THAT(maps, ContainsSubstring("131072 to 135160</th>"));
  result.cells[1].page_map = {};
  CHECK(html_page_maps(result).empty());
}

TEST_CASE("scaling is shown where writers were varied", "[html]") {
  RunResult result = full_test_result();
  CHECK(html_scaling(result).empty());
  result.cells[1].cell.writers = 8;
  CHECK_THAT(html_scaling(result), ContainsSubstring("With more writers"));
}

TEST_CASE("a result without cells is a page, too", "[html]") {
  RunResult result = full_test_result();
  result.cells.clear();
  CHECK_THAT(html_report(result), ContainsSubstring("Consistency passport"));
}
