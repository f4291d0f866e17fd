#pragma once
// Files that are built into the page. Generated from reports/html and from Debian's libjs-chart.js.

#include <string_view>

namespace npyrace {

extern const std::string_view kReportCss;
extern const std::string_view kReportJs;
extern const std::string_view kPageMapJs;
/// Empty where npyrace was built without it.
extern const std::string_view kChartJs;

}  // namespace npyrace
