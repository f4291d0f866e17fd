#include "bench/launchers/scheduler.h"

#include <cstring>
#include <set>

#include "bench/launchers/claim.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

Variables variables_in(const std::vector<std::string>& environment) {
  return [environment](const char* name) -> std::optional<std::string> {
    const std::string start = std::string(name) + "=";
    for (const std::string& variable : environment)
      if (variable.starts_with(start)) return variable.substr(start.size());
    return std::nullopt;
  };
}

}  // namespace

TEST_CASE("a simulated scheduler sets the variables that tell tasks apart", "[scheduler]") {
  for (const SchedulerRow& row : scheduler_table()) {
    CAPTURE(row.name);
    if (std::strcmp(row.name, "none") == 0) {
      CHECK(row.environment({.task = 2, .tasks = 4}).empty());
      continue;
    }
    std::set<std::uint64_t> numbers;
    for (std::uint64_t task = 0; task < 4; ++task)
      numbers.insert(
          worker_number("", variables_in(row.environment({.task = task, .tasks = 4}))).number);
    CHECK(numbers.size() == 4);
    CHECK(*numbers.begin() == 0);
  }
}

TEST_CASE("a job knows the cluster and folder it was submitted to", "[scheduler]") {
  for (const SchedulerRow& row : scheduler_table()) {
    if (std::strcmp(row.name, "none") == 0) continue;
    CAPTURE(row.name);
    const auto environment = row.environment({.submit_dir = "/here"});
    const bool told = std::ranges::any_of(
        environment, [](const std::string& variable) { return variable.ends_with("=/here"); });
    CHECK(told);
  }
}
