#include "core/os/threads.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("threads that can be started are counted", "[threads]") {
  CHECK(startable_threads(1) == 1);
  CHECK(startable_threads(0) == 1);
  CHECK(startable_threads(4) == 4);
  CHECK(startable_threads(2) == 2);
  CHECK_NOTHROW(require_threads(3, "3 writers"));
}
