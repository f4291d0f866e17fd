#include "bench/cli/arguments.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

std::string complaint(const CLI::Validator& validator, std::string text) {
  return validator(text);
}

}  // namespace

TEST_CASE("only whole numbers are accepted as such", "[typed-values]") {
  for (const char* fine : {"0", "7", "18446744073709551615"})
    CHECK(complaint(whole_number(), fine) == "");
  for (const char* wrong : {"", "abc", "-1", "1.5", "1e3", "0x10", " 1", "1 ", "4k"}) {
    CAPTURE(wrong);
    CHECK(complaint(whole_number(), wrong) ==
          "'" + std::string(wrong) + "' is no whole number from 0 on");
  }
  CHECK(complaint(whole_number(), "18446744073709551616") ==
        "18446744073709551616 is more than 64 bits can hold");
  CHECK(complaint(whole_number(1, 250), "0") == "'0' is no whole number from 1 to 250");
  CHECK(complaint(whole_number(1, 250), "251") == "'251' is no whole number from 1 to 250");
}

TEST_CASE("sizes and times may have units", "[typed-values]") {
  std::string size = "4k";
  CHECK(size_in_bytes()(size) == "");
  CHECK(size == "4096");
  CHECK_FALSE(complaint(size_in_bytes(), "4x").empty());
  CHECK_FALSE(complaint(size_in_bytes(), "-4k").empty());
  CHECK_FALSE(complaint(size_in_bytes(), "").empty());
  const CLI::Validator span = time_span({{"s", 1}, {"m", 60}}, "90s, 10m", 1e6);
  std::string time = "2m";
  CHECK(span(time) == "");
  CHECK(time == "120");
  for (const char* wrong : {"", "soon", "-1s", "1y", "1e9", "nan", "inf"}) {
    CAPTURE(wrong);
    CHECK(complaint(span, wrong) == "'" + std::string(wrong) + "' is no time, as in 90s, 10m");
  }
}

TEST_CASE("no message shows CLI11's ranges", "[typed-values]") {
  for (const CLI::Validator& one : {whole_number(), size_in_bytes(), one_of({"wall", "cpu"})}) {
    CHECK(one.get_description().empty());
    CHECK(complaint(one, "abc").size() < 80);
  }
}
