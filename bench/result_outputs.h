#pragma once
// Where the result of run and verify goes, in which forms: the same options for both.

#include <functional>
#include <string>

#include "bench/options.h"
#include "core/result.h"

namespace CLI {
class App;
}

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
