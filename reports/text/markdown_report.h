#pragma once
// The result as Markdown with tables (GitHub, GitLab).

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// Contradictions and the advice first, then a table of cells, what went wrong, the passport, and
/// where it was measured. Foreign text is escaped: it shows as it is, makes no markup, and ends no
/// line.
std::string markdown_report(const RunResult& result);

/// `text` as words within a line or a table's field.
std::string markdown_text(const std::string& text);

}  // namespace npyrace
