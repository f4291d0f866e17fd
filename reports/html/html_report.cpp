#include "reports/html/html_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/html/html_experiments.h"
#include "reports/html/html_sections.h"
#include "reports/html/html_text.h"
#include "reports/json/json_report.h"

namespace npyrace {
namespace {

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
  std::string main = html_head(result) + html_advice(result);
  if (kChartJs.empty()) main += kNoCharts;
  main += kFilters;
  main += html_throughput(result) + html_page_maps(result) + html_phases(result) +
          html_scaling(result) + html_latencies(result) + html_experiments(result) +
          html_cells(result) + html_passport(result) + html_environment(result);
  const std::string scripts =
      fmt::format("<script type=\"application/json\" id=\"result\">{}</script>\n",
                  html_json(json_report(result))) +
      script(kChartJs) + script(kPageMapJs) + script(kReportJs);
  return html_page(title(result), main, scripts);
}

}  // namespace npyrace
