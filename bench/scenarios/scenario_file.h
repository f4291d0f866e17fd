#pragma once
// Scenarios as JSON: what `list scenarios --json` prints, and `run --scenario FILE` reads.
//
// {"name": "mine", "strategies": ["mmap"], "writers": [2, 8], "records": 4096}: every key of
// axes.h but name and summary may be left out, and is then what axes.h says.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bench/scenarios/axes.h"

namespace npyrace {

struct FileScenario {
  std::string name;
  Axes axes;
};

nlohmann::ordered_json to_json(const std::string& name, const std::string& summary,
                               const Axes& axes);

/// Throws SystemError, and FormatError with the file, the key and what is wrong with it.
FileScenario read_scenario(const std::string& path);

}  // namespace npyrace
