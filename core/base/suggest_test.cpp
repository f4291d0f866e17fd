#include <vector>

#include "core/base/table.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("a misspelled name gets the nearest known name", "[suggest]") {
  const std::vector<std::string> names{"mmap", "mmap-window", "pwrite", "pwrite-batch"};
  CHECK(nearest_name("pwrit", names) == "pwrite");
  CHECK(nearest_name("pwrite-bathc", names) == "pwrite-batch");
  CHECK(nearest_name("mmpa", names) == "mmap");
}

TEST_CASE("a name that resembles nothing gets no suggestion", "[suggest]") {
  const std::vector<std::string> names{"packed", "padded-block"};
  CHECK(nearest_name("elephant", names).empty());
  const std::vector<std::string> shells{"bash", "end", "strategies"};
  CHECK(nearest_name("tcsh", shells).empty());
  CHECK(nearest_name("ned", shells) == "end");
  CHECK(nearest_name("strategy", shells) == "strategies");
  CHECK(unknown_name_message("layout", "elephant", names) ==
        "unknown layout 'elephant'; known: packed, padded-block");
  CHECK(unknown_name_message("layout", "paked", names) ==
        "unknown layout 'paked'; did you mean 'packed'? known: packed, padded-block");
}
