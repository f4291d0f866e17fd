#pragma once
// Sections of the HTML page. Each function returns HTML, or an empty string if the result has no
// data for it.

#include <string>

#include "core/result/result.h"

namespace npyrace {

std::string html_head(const RunResult& result);  ///< verdict, environment, contradictions
std::string html_advice(const RunResult& result);
std::string html_throughput(const RunResult& result);  ///< per cell, with intervals
std::string html_phases(const RunResult& result);      ///< time per phase
std::string html_scaling(const RunResult& result);     ///< if the number of writers was varied
std::string html_page_maps(const RunResult& result);
std::string html_cells(const RunResult& result);  ///< reason, evidence and examples
std::string html_passport(const RunResult& result);
std::string html_environment(const RunResult& result);

}  // namespace npyrace
