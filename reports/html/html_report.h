#pragma once
// The result as a self-contained HTML page without network access or other files. Chart.js is
// embedded; every chart is also present as a table.

#include <string>

#include "core/result/result.h"

namespace npyrace {

std::string html_report(const RunResult& result);

}  // namespace npyrace
