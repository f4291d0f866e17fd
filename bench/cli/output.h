#pragma once
// Output of commands: to standard output or files, and the output options of run and verify.

#include <functional>
#include <string>

#include "bench/plan/options.h"
#include "core/result/result.h"
#include "reports/text/terminal_report.h"

namespace npyrace {

/// Uses colour only on terminals, and never if NO_COLOR is set.
TerminalStyle style_of_standard_output();

/// Prints `text`, or writes it atomically to `path` unless that is "" or "-". Throws SystemError.
void write_output(const std::string& text, const std::string& path);

/// Throws an exception that names the file and says `advice`, if there is a file of that name.
void require_new_file(const std::string& path, const std::string& advice);

}  // namespace npyrace

namespace CLI {

class App;
}  // namespace CLI

namespace npyrace {

/// Options for the output of run and verify.
void add_output_options(CLI::App& app, ResultOutputs& outputs);

/// Call before a race. Throws UsageError if both outputs go to standard output, SystemError if a
/// file cannot be created.
void require_place_for(const ResultOutputs& outputs);

/// Writes each file atomically. Standard output gets the form that was directed there, else the
/// result of `for_people`. Throws SystemError.
void put_out(const ResultOutputs& outputs, const RunResult& result,
             const std::function<std::string()>& for_people);

}  // namespace npyrace
