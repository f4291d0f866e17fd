#pragma once
// The table of report forms; it drives `report`, its help and spelling suggestions.

#include <span>
#include <string>
#include <string_view>

#include "core/result/result.h"
#include "core/result/watch.h"
#include "reports/text/terminal_report.h"

namespace npyrace {

struct ReporterRow {
  const char* name;
  const char* summary;
  /// Pure. The text ends with a newline. `style` is used by forms for terminals.
  std::string (*report)(const RunResult& result, const TerminalStyle& style);
  /// The same for a result of `watch`; null: there is no such form.
  std::string (*watch)(const WatchResult& result) = nullptr;
};

/// The one table of reporters.
std::span<const ReporterRow> reporter_table();
/// Throws UsageError with a suggestion.
const ReporterRow& find_reporter(std::string_view name);

}  // namespace npyrace
