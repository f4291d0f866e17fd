#pragma once
// The result as one page that needs nothing else: no network, no other file. The charts are drawn
// by Chart.js, which is built in; every one of them is there as a table, too.

#include <string>

#include "core/result/result.h"

namespace npyrace {

std::string html_report(const RunResult& result);

}  // namespace npyrace
