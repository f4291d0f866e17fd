#include "core/npy/python_literal.h"

#include "tests/catch.h"

using namespace npyrace;
using Kind = Literal::Kind;

namespace {

std::string text_of(std::string_view source) {
  const Literal literal = parse_literal(source);
  REQUIRE(literal.kind == Kind::text);
  return literal.text;
}

std::string repeated(const std::string& part, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += part;
  return out;
}

std::size_t error_offset(std::string_view source) {
  try {
    parse_literal(source);
  } catch (const LiteralError& error) {
    return error.offset_bytes();
  }
  FAIL("no error in " << source);
  return 0;
}

}  // namespace

TEST_CASE("all quote forms, prefixes and adjacent strings", "[literal]") {
  CHECK(text_of("'a'") == "a");
  CHECK(text_of(R"("a'b")") == "a'b");
  CHECK(text_of("'''a'b''c\n'''") == "a'b''c\n");
  CHECK(text_of(R"(r'\n\'')") == R"(\n\')");
  CHECK(text_of("u'a' 'b' R'\\c'") == "ab\\c");
  CHECK(text_of("('a'\n'b')") == "ab");
  CHECK(parse_literal("rB'a'").kind == Kind::bytes);
  CHECK_THROWS_AS(parse_literal("f'a'"), LiteralError);
  CHECK_THROWS_AS(parse_literal("ur'a'"), LiteralError);
  CHECK_THROWS_AS(parse_literal("b'a' 'b'"), LiteralError);
  CHECK_THROWS_AS(parse_literal("'a\nb'"), LiteralError);
}

TEST_CASE("escapes become the characters they name", "[literal]") {
  CHECK(text_of(R"('\x41\u00e9\U0001F40D\101\0')") ==
        std::string("A\u00e9\U0001F40D") + "A" + '\0');
  CHECK(text_of(R"('\t\n\\\'\"')") == "\t\n\\'\"");
  CHECK(text_of(R"('\q')") == R"(\q)");
  CHECK(text_of("'\\\u00e9'") == "\\\u00e9");
  CHECK(text_of("'a\\\r\nb'") == "ab");
  CHECK(text_of(R"('\ud800')") == "\xED\xA0\x80");
  CHECK(text_of(R"('\777')") == "\u01ff");
  CHECK_THROWS_AS(parse_literal(R"('\x4')"), LiteralError);
  CHECK_THROWS_AS(parse_literal(R"('\U00110000')"), LiteralError);
}

TEST_CASE("integers in every base, with underscores, without leading zeros", "[literal]") {
  const auto value = [](std::string_view source) { return parse_literal(source).integer; };
  CHECK(value("0x_ff") == 255);
  CHECK(value("0o17") == 15);
  CHECK(value("0B11") == 3);
  CHECK(value("1_000") == 1000);
  CHECK(value("0_0") == 0);
  CHECK(value("- 5") == -5);
  CHECK(value("+(5)") == 5);
  CHECK(value("9223372036854775807") == INT64_MAX);
  CHECK(value("9223372036854775808") == std::nullopt);
  for (const char* wrong : {"01", "1_", "1__0", "0x", "0b2", "--1", "1if", "5L", "-True"})
    CHECK_THROWS_AS(parse_literal(wrong), LiteralError);
}

TEST_CASE("longs of Python 2 only when asked", "[literal]") {
  for (const char* source : {"3L", "3 L", "3LL", "0x10L", "(3L)"}) {
    CHECK_THROWS_AS(parse_literal(source), LiteralError);
    if (std::string(source) != "3LL")
      CHECK(parse_literal(source, PythonDialect::python2_longs).kind == Kind::integer);
  }
  CHECK(parse_literal("3 L L", PythonDialect::python2_longs).integer == 3);
  CHECK_THROWS_AS(parse_literal("3LL", PythonDialect::python2_longs), LiteralError);
  CHECK_THROWS_AS(parse_literal("3l", PythonDialect::python2_longs), LiteralError);
}

TEST_CASE("reals and complex numbers are recognised", "[literal]") {
  for (const char* source : {"1.", ".5", "1e5", "01.5", "1_0.0_1e-1_0"})
    CHECK(parse_literal(source).kind == Kind::real);
  for (const char* source : {"2j", "1+2j", "-1.5 - 2J", "(1)+(2j)", "01j"})
    CHECK(parse_literal(source).kind == Kind::imaginary);
  for (const char* source : {"1+2", "1+2j+3j", "1+-2j", "True+2j", "1e", "1._5"})
    CHECK_THROWS_AS(parse_literal(source), LiteralError);
}

TEST_CASE("tuples, lists, dicts and sets", "[literal]") {
  CHECK(parse_literal("()").kind == Kind::tuple);
  CHECK(parse_literal("(1)").kind == Kind::integer);
  CHECK(parse_literal("(1,)").items.size() == 1);
  CHECK(parse_literal("1, 2").items.size() == 2);
  CHECK(parse_literal("[1, 2,]").items.size() == 2);
  CHECK(parse_literal("{1, 2}").kind == Kind::set);
  CHECK(parse_literal("set( )").kind == Kind::set);
  CHECK(parse_literal("{}").kind == Kind::dict);
  for (const char* wrong : {"(,)", "[1,,2]", "{1:2, 3}", "{1, 2:3}", "{[]: 1}", "{([],)}", "[*[]]",
                            "{**{}}", "(1", "1)", "[1 2]", "f()", "x", "", "1 2"})
    CHECK_THROWS_AS(parse_literal(wrong), LiteralError);
}

TEST_CASE("the last of equal dictionary keys counts", "[literal]") {
  const Literal dict = parse_literal("{'a': 1, 'b': 2, 'a': 3}");
  REQUIRE(dict.find("a") != nullptr);
  CHECK(dict.find("a")->integer == 3);
  CHECK(dict.find("c") == nullptr);
}

TEST_CASE("blanks, comments and joined lines", "[literal]") {
  CHECK(parse_literal("  [1, # one\n\r\n 2 \\\n ]  # end\n\n").items.size() == 2);
  CHECK(parse_literal("# first\n[]").kind == Kind::list);
  for (const char* wrong : {"\n []", "[]\n  ", "[] \\\n", "[]\\ \n", "[]\n[]", "[]\x0b", "[];"})
    CHECK_THROWS_AS(parse_literal(wrong), LiteralError);
  CHECK_THROWS_AS(parse_literal(std::string_view("[]\0", 3)), LiteralError);
}

TEST_CASE("nesting ends at 200 brackets, however many are claimed", "[literal]") {
  CHECK(parse_literal(repeated("[", 200) + repeated("]", 200)).kind == Kind::list);
  CHECK_THROWS_AS(parse_literal(repeated("[", 201) + repeated("]", 201)), LiteralError);
  CHECK_THROWS_AS(parse_literal(repeated("(", 1000000)), LiteralError);
  CHECK_THROWS_AS(parse_literal(repeated("-", 1000000) + "1"), LiteralError);
}

TEST_CASE("every node and every error has its position", "[literal]") {
  const Literal dict = parse_literal("{'a': (1, -2)}");
  CHECK(dict.items[1].offset_bytes == 6);
  CHECK(dict.items[1].items[1].offset_bytes == 10);
  CHECK(error_offset("{'a': nan}") == 6);
  CHECK(error_offset("[1, 'abc") == 4);
  CHECK(error_offset("[1 2]") == 3);
  CHECK(error_offset(R"(['ab\x4'])") == 4);
}

TEST_CASE("repr writes strings as Python does", "[literal]") {
  CHECK(python_repr(
            parse_literal(R"(["it's", 'say "x"', 'both\'"', 'a\tb\x7f\xa0\u200b\U000e0001'])")) ==
        R"(["it's", 'say "x"', 'both\'"', 'a\tb\x7f\xa0\u200b\U000e0001'])");
  CHECK(python_repr(parse_literal("('\u00e9\u4e2d\U0001F40D',)")) == "('\u00e9\u4e2d\U0001F40D',)");
  CHECK(python_repr(parse_literal(R"(('\ud800', -3, ()))")) == R"(('\ud800', -3, ()))");
}
