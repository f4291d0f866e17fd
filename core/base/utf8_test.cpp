#include "core/base/text.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("invalid UTF-8 is found at its first byte", "[utf8]") {
  CHECK(first_invalid_utf8("a\u00e9\u4e2d\U0001F40D\U0010FFFF") == std::nullopt);
  CHECK(first_invalid_utf8("a\xff") == 1);
  CHECK(first_invalid_utf8("a\xc3") == 1);
  CHECK(with_valid_utf8("a\xff\xfe b\xc3") == "a\uFFFD\uFFFD b\uFFFD");
  CHECK(with_valid_utf8("\u00e9") == "\u00e9");
  CHECK(first_invalid_utf8("\xc0\x80") == 0);
  CHECK(first_invalid_utf8("\xe0\x80\x80") == 0);
  CHECK(first_invalid_utf8("\xed\xa0\x80") == 0);
  CHECK(first_invalid_utf8("\xf4\x90\x80\x80") == 0);
  CHECK(first_invalid_utf8("\u00e9\x80") == 2);
}

TEST_CASE("Latin-1 becomes UTF-8 with one code point per byte", "[utf8]") {
  const std::string converted = latin1_to_utf8("a\xe9\xff");
  CHECK(converted == "a\u00e9\u00ff");
  CHECK(count_code_points(converted) == 3);
}

TEST_CASE("lone surrogates are read back only when asked for", "[utf8]") {
  std::string text;
  append_utf8(text, 0xD800);
  CHECK_FALSE(decode_utf8(text, 0).valid);
  CHECK(decode_utf8(text, 0, true).value == 0xD800);
}
