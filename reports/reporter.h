#pragma once
// The forms a result can take: one row each drives `report`, its help and spelling suggestions.

#include <span>
#include <string>
#include <string_view>

#include "core/result/result.h"
#include "reports/text/terminal_report.h"

namespace npyrace {

struct ReporterRow {
  const char* name;
  const char* summary;
  /// Pure. Ends with a newline. `style` is for forms that people read at a terminal.
  std::string (*report)(const RunResult& result, const TerminalStyle& style);
};

/// The one table of reporters.
std::span<const ReporterRow> reporter_table();
/// Throws UsageError with a suggestion.
const ReporterRow& find_reporter(std::string_view name);

}  // namespace npyrace
