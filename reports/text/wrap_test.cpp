#include "reports/text/wrap.h"

#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("lines are wrapped before column 80 with the given indentation", "[wrap]") {
  const std::string word(30, 'w');
  CHECK(wrapped("one two", {}) == "one two\n");
  CHECK(wrapped("", {}) == "\n");
  CHECK(wrapped(word + " " + word + " " + word, {.others = 2}) ==
        word + " " + word + "\n  " + word + "\n");
  CHECK(wrapped(word + " " + word, {.first = 28, .others = 28}) ==
        word + "\n" + std::string(28, ' ') + word + "\n");
}

TEST_CASE("a word longer than a line stays whole", "[wrap]") {
  const std::string path(200, 'p');
  CHECK(wrapped("see " + path, {}) == "see\n" + path + "\n");
}
