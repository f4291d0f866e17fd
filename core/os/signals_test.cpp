#include "core/os/signals.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("an interrupt is seen by another thread than the one that handles the signal",
          "[signals]") {
  const pid_t child = ::fork();  // it stays interrupted
  REQUIRE(child >= 0);
  if (child == 0) {
    catch_interrupts();
    std::thread other([] {
      while (!interrupted()) std::this_thread::yield();
    });
    ::raise(SIGTERM);
    other.join();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
