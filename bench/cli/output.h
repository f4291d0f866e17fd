#pragma once
// Where the answer of a command goes.

#include <functional>
#include <string>

#include "bench/plan/options.h"
#include "core/result/result.h"
#include "reports/text/terminal_report.h"

namespace npyrace {

/// Colour on terminals only, and never with NO_COLOR in the environment.
TerminalStyle style_of_standard_output();

/// Prints `text`, or writes it to `path`, whole or not at all, unless that is "" or "-". Throws
/// SystemError.
void answer_with(const std::string& text, const std::string& path);

}  // namespace npyrace

namespace CLI {

// Where the result of run and verify goes, in which forms: the same options for both.
class App;
}  // namespace CLI

namespace npyrace {

void add_output_options(CLI::App& app, ResultOutputs& outputs);

/// Before anything is raced: throws UsageError where both are to be on standard output, SystemError
/// where no file can be made at the path.
void require_place_for(const ResultOutputs& outputs);

/// Writes the files, each whole or not at all. Standard output gets the form that asked for it,
/// else what `for_people` returns. Throws SystemError.
void put_out(const ResultOutputs& outputs, const RunResult& result,
             const std::function<std::string()>& for_people);

}  // namespace npyrace
