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

TEST_CASE("an interrupt that waits for a system call of another thread is seen", "[signals]") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    catch_interrupts();
    int held[2], go[2];
    if (::pipe(held) != 0 || ::pipe(go) != 0) ::_exit(2);
    bool seen = false, early = true;
    std::jthread other = thread_without_signals([&] {
      char letter = 0;
      if (::read(held[0], &letter, 1) != 1) return;
      early = interrupt_waits();
      ::kill(::getpid(), SIGTERM);
      seen = interrupt_waits() && !interrupted();
      if (::write(go[1], &letter, 1) != 1) return;
    });
    // The thread that calls vfork handles no signal until the new process ends.
    char letter = 'x';
    const pid_t holder = ::vfork();
    if (holder == 0) {
      const bool fine = ::write(held[1], &letter, 1) == 1 && ::read(go[0], &letter, 1) == 1;
      ::_exit(fine ? 0 : 1);
    }
    ::waitpid(holder, nullptr, 0);
    other.join();
    ::_exit(seen && !early && interrupted() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
