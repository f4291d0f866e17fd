#include "tests/decide/recorded.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace npyrace {

Recorded read_recorded(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be opened");
  Recorded recorded;
  std::string line;
  std::getline(file, line);  // titles
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string series, run, name;
    std::getline(fields, series, ',');
    std::getline(fields, run, ',');
    std::getline(fields, name, ',');
    CellSamples samples{.name = name, .verdict = Verdict::safe};
    for (double seconds = 0; fields >> seconds;) samples.seconds.push_back(seconds);
    auto& runs = recorded[series];
    runs.resize(std::max<std::size_t>(runs.size(), std::stoul(run) + 1));
    Measurements& one = runs[std::stoul(run)];
    (name.starts_with("reference/") ? one.references : one.cells).push_back(samples);
  }
  return recorded;
}

}  // namespace npyrace
