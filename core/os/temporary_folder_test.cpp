#include "core/os/temporary_folder.h"

#include <cstdlib>

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

/// Restores $TMPDIR in the destructor.
class Variable {
 public:
  explicit Variable(const char* value) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", value, 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before_.empty())
      ::unsetenv("TMPDIR");
    else
      ::setenv("TMPDIR", before_.c_str(), 1);
  }

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("the folder for temporary files is TMPDIR, else /tmp", "[temporary-folder]") {
  const Variable empty("");
  CHECK(temporary_folder() == "/tmp");
  const Variable other("/usr");
  CHECK(temporary_folder() == "/usr");
}

TEST_CASE("an error for a TMPDIR that is not a folder includes its value", "[temporary-folder]") {
  for (const auto& [path, words] : {std::pair("/nowhere/at all", "No such file or directory"),
                                    std::pair("/etc/passwd", "Not a directory")}) {
    const Variable wrong(path);
    CHECK_THROWS_WITH(temporary_folder(),
                      Catch::Matchers::ContainsSubstring(std::string("TMPDIR=") + path) &&
                          Catch::Matchers::ContainsSubstring(words));
  }
}
