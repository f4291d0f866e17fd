#include "bench/plan/launcher_plan.h"
#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("a program may have a name; an environment variable before a command is not a name",
          "[exec-plan]") {
  const auto only = [](const char* typed) {
    return make_exec_plan({.programs = {typed}}).programs.front();
  };
  CHECK(only("python3 a.py").strategy() == "exec");
  CHECK(only("new=python3 a.py").strategy() == "exec:new");
  CHECK(only("new=python3 a.py").command == "python3 a.py");
  CHECK(only("v1.2-b=FOO=1 ./a").command == "FOO=1 ./a");
  CHECK(only("FOO=1 ./a").strategy() == "exec");
  CHECK(only("FOO=1 ./a").command == "FOO=1 ./a");
  CHECK(only("./a --x=1").command == "./a --x=1");
}

TEST_CASE("several programs need different names", "[exec-plan]") {
  const ExecPlan plan = make_exec_plan({.programs = {"a=./old", "b=./new"}});
  CHECK(plan.command_of("exec:b") == "./new");
  CHECK_THROWS_AS(make_exec_plan({.programs = {"a=./old", "./new"}}), UsageError);
  CHECK_THROWS_AS(make_exec_plan({.programs = {"a=./old", "a=./new"}}), UsageError);
}

TEST_CASE("options that need a program, and malformed programs, are refused", "[exec-plan]") {
  CHECK_THROWS_AS(make_exec_plan({.programs = {" "}}), UsageError);
  CHECK_THROWS_AS(make_exec_plan({.programs = {"a="}}), UsageError);
  CHECK_THROWS_AS(make_exec_plan({.create = "./make"}), UsageError);
  CHECK_THROWS_AS(make_exec_plan({.scheduler = "slurm"}), UsageError);
  CHECK_THROWS_AS(make_exec_plan({.time_limit_seconds = 3}), UsageError);
  CHECK_THROWS_AS(make_exec_plan({.programs = {"a"}, .time_limit_seconds = 0}), UsageError);
  CHECK_THROWS_AS(make_exec_plan({.programs = {"a"}, .scheduler = "slrum"}), UsageError);
}
