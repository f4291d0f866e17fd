#include "reports/html/html_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/html/html_experiments.h"
#include "reports/html/html_sections.h"
#include "reports/html/html_text.h"
#include "reports/json/json_report.h"

namespace npyrace {
namespace {

/// The page may run its own scripts and load nothing.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

std::string title(const RunResult& result) {
  return result.scenarios.empty() ? std::string("npyrace: verify")
                                  : fmt::format("npyrace: {}", fmt::join(result.scenarios, ", "));
}

std::string script(std::string_view text) {
  return fmt::format("<script>{}</script>\n", text);
}

/// Filters for all charts, maps and tables of the page.
constexpr const char* kFilters = R"(<form id="filters" hidden aria-label="Show only">
<label>strategy <select id="filter-strategy"><option value="">all</option></select></label>
<label>layout <select id="filter-layout"><option value="">all</option></select></label>
<label>verdict <select id="filter-verdict"><option value="">all</option></select></label>
<output id="filter-count"></output>
<button type="button" id="save-json">save the result as JSON</button>
</form>
)";

constexpr const char* kNoCharts =
    "<p class=\"note\">Charts are missing: this npyrace was built without Chart.js (Debian: "
    "libjs-chart.js). The tables say the same.</p>\n";

}  // namespace

std::string html_report(const RunResult& result) {
  std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", kPolicy);
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  page += fmt::format("<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
                      html_text(title(result)), kReportCss);
  page += fmt::format("<h1>{}</h1>\n<main>\n", html_text(title(result)));
  page += html_head(result) + html_advice(result);
  if (kChartJs.empty()) page += kNoCharts;
  page += kFilters;
  page += html_throughput(result) + html_page_maps(result) + html_phases(result) +
          html_scaling(result) + html_latencies(result) + html_experiments(result) +
          html_cells(result) + html_passport(result) + html_environment(result);
  page += "</main>\n";
  page += fmt::format("<script type=\"application/json\" id=\"result\">{}</script>\n",
                      html_json(json_report(result)));
  page += script(kChartJs) + script(kPageMapJs) + script(kReportJs);
  return page + "</body>\n</html>\n";
}

}  // namespace npyrace
