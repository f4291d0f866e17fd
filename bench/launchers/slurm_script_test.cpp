#include "bench/launchers/slurm.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the complete job script", "[slurm]") {
  CHECK(slurm_script({.npyrace = "/opt/npyrace",
                      .paths = {"/mnt/a/x.npy", "/mnt/b/x.npy"},
                      .writers = 100,
                      .generation = 3,
                      .strategy = "mmap",
                      .sync = "every:10",
                      .together_seconds = 5,
                      .output_folder = "/mnt/a/x.npy.npyrace.d",
                      .options = {"--partition=short"}}) == R"(#!/bin/sh
#SBATCH --job-name=npyrace
#SBATCH --array=0-99
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --output="/mnt/a/x.npy.npyrace.d/task-%a.out"
#SBATCH --partition=short
# The same file through each mount: neighbours go through different ones.
set -- /mnt/a/x.npy /mnt/b/x.npy
shift $((SLURM_ARRAY_TASK_ID % $#))
exec /opt/npyrace write "$1" --worker "$SLURM_ARRAY_TASK_ID/100" --generation 3 --strategy mmap --sync 'every:10' --together 5
)");
}

TEST_CASE("names with special characters of the shell or Slurm are quoted", "[slurm]") {
  const std::string script = slurm_script({.npyrace = "/my programs/npyrace",
                                           .paths = {"/a b/100%/x.npy"},
                                           .writers = 2,
                                           .strategy = "pwrite",
                                           .sync = "end",
                                           .output_folder = "/a b/100%/x.npy.npyrace.d"});
  CHECK_THAT(script,
             ContainsSubstring("#SBATCH --output=\"/a b/100%%/x.npy.npyrace.d/task-%a.out\"\n"));
  CHECK_THAT(script, ContainsSubstring("set -- '/a b/100%/x.npy'\n"));
  CHECK_THAT(script, ContainsSubstring("exec '/my programs/npyrace' write"));
  CHECK_THAT(script, !ContainsSubstring("--together"));
  CHECK_THAT(slurm_script({.paths = {"/a"}, .output_folder = "/a\" --wrap=\"x"}),
             ContainsSubstring("#SBATCH --output=\"/a\\\" --wrap=\\\"x/task-%a.out\"\n"));
}
