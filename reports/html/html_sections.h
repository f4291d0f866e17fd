#pragma once
// The parts of the page, each a piece of HTML; empty where the result has nothing for it.

#include <string>

#include "core/result/result.h"

namespace npyrace {

std::string html_head(const RunResult& result);  ///< verdict, where, contradictions
std::string html_advice(const RunResult& result);
std::string html_throughput(const RunResult& result);  ///< per cell, with intervals
std::string html_phases(const RunResult& result);      ///< where the time goes
std::string html_scaling(const RunResult& result);     ///< where writers were varied
std::string html_page_maps(const RunResult& result);
std::string html_cells(const RunResult& result);  ///< reason, evidence and examples
std::string html_passport(const RunResult& result);
std::string html_environment(const RunResult& result);

}  // namespace npyrace
