#pragma once
// The result as Markdown with tables (GitHub, GitLab).

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// Contradictions and recommendation first, then a table of cells, anomalies, the passport, and the
/// environment. Foreign text is escaped: it cannot add markup or end a line.
std::string markdown_report(const RunResult& result);

/// Escapes `text` for use within a line or table field.
std::string markdown_text(const std::string& text);

}  // namespace npyrace
