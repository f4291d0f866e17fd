#include "core/os/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;
namespace fs = std::filesystem;

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

TEST_CASE("a temporary folder has a private name and is removed", "[temporary-folder]") {
  std::string path;
  {
    const TemporaryFolder folder("unit");
    path = folder.path();
    CHECK(fs::path(path).filename().string().starts_with("npyrace-unit-"));
    CHECK((fs::status(path).permissions() & fs::perms::all) == fs::perms::owner_all);
    std::ofstream(folder.file("something")) << "text";
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("folders of killed processes are removed, and no others", "[temporary-folder]") {
  const TemporaryFolder place("place");
  const Variable there(place.path().c_str());
  std::string mark;
  {
    const TemporaryFolder folder("unit");
    std::getline(std::ifstream(folder.file("owner")), mark);
  }
  const auto leave = [&](const std::string& name, const char* text) {
    fs::create_directory(place.file(name));
    if (text != nullptr) std::ofstream(place.file(name) + "/owner") << text;
  };
  const std::string marked = mark + "\nmore\n";
  leave("npyrace-unit-dead", marked.c_str());
  leave("npyrace-unit-unmarked", "something else\n");
  leave("npyrace-unit-bare", nullptr);
  leave("npyrace-other-dead", marked.c_str());
  leave("elsewhere", marked.c_str());
  fs::create_directory_symlink(place.file("elsewhere"), place.file("npyrace-unit-link"));
  const TemporaryFolder live("unit");
  const TemporaryFolder next("unit");
  CHECK_FALSE(fs::exists(place.file("npyrace-unit-dead")));
  for (const char* const name : {"npyrace-unit-unmarked", "npyrace-unit-bare", "npyrace-other-dead",
                                 "npyrace-unit-link", "elsewhere/owner"})
    CHECK(fs::exists(place.file(name)));
  CHECK(fs::exists(live.file("owner")));
}
