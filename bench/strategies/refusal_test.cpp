// Distinguishes operations that a file system does not support from failures.

#include <cerrno>

#include "bench/strategies/strategy.h"
#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("a refusal is told from trouble by call and error", "[strategies]") {
  const auto refusal = [](const char* call, int number) {
    return is_refusal(SystemError({"/mnt/a/f.npy", call}, number));
  };
  CHECK(refusal("mmap", ENODEV));
  CHECK(refusal("open", EINVAL));
  CHECK(refusal("pwrite", EBADF));
  CHECK_FALSE(refusal("pwrite", ENOSPC));
  CHECK_FALSE(refusal("pwrite", EIO));
  CHECK_FALSE(refusal("fsync", EBADF));
  CHECK_FALSE(refusal("open", ENOENT));
}
