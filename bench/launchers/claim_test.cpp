#include "bench/launchers/claim.h"

#include <unistd.h>

#include <fstream>

#include "core/base/error.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

TEST_CASE("a share that another job is writing is refused with the name of that job", "[claim]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("worker-0007.claim");
  const Claim held(path, this_attempt());
  try {
    Claim(path, this_attempt());
    FAIL("two hold one share");
  } catch (const FormatError& error) {
    CHECK(std::string(error.what()).find(std::to_string(::getpid())) != std::string::npos);
  }
}

TEST_CASE("a dead job's claim does not block a new job, and is counted", "[claim]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("worker-0007.claim");
  std::string first_id;
  {
    const Claim first(path, this_attempt());
    first_id = first.mine().id;
    CHECK(first.mine().number == 1);
    CHECK_FALSE(first.before());
  }
  const Claim second(path, this_attempt());
  REQUIRE(second.before());
  CHECK(second.before()->id == first_id);
  CHECK(second.mine().number == 2);
  CHECK_FALSE(second.taken_since());
}

TEST_CASE("a claim file truncated by a crash does not block a new job", "[claim]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("worker-0007.claim");
  std::ofstream(path) << "{\"npyrace_claim\": 1, \"att";
  const Claim claim(path, this_attempt());
  CHECK_FALSE(claim.before());
  CHECK(read_job_attempt(path)->id == claim.mine().id);
}

// As on a file system whose locks do not reach the other node.
TEST_CASE("the holder of a claim notices that another job took it", "[claim]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("worker-0007.claim");
  const Claim held(path, this_attempt());
  const JobAttempt other = this_attempt();
  std::ofstream(path, std::ios::trunc) << to_text(other);
  REQUIRE(held.taken_since());
  CHECK(held.taken_since()->id == other.id);
}
