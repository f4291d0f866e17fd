#include "core/npy/dtype.h"

#include "core/npy/dtype_string.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

std::string round(std::string_view text) {
  return descr_text(dtype_from_text(text));
}

}  // namespace

TEST_CASE("type strings, as NumPy reads and writes them", "[dtype]") {
  const std::pair<const char*, const char*> kKnown[] = {
      {"f8", "'<f8'"},
      {"=i4", "'<i4'"},
      {"|i2", "'<i2'"},
      {">f4", "'>f4'"},
      {"?", "'|b1'"},
      {"<b1", "'|b1'"},
      {"d", "'<f8'"},
      {"float64", "'<f8'"},
      {"int", "'<i8'"},
      {"g", "'<f16'"},
      {"c16", "'<c16'"},
      {"O8", "'|O'"},
      {"S", "'|S0'"},
      {"a10", "'|S10'"},
      {">U5", "'>U5'"},
      {"V7", "'|V7'"},
      {"M8[25s]", "'<M8[25s]'"},
      {"m8[s/2]", "'<m8[500ms]'"},
      {"datetime64", "'<M8'"},
      {">M8[ns]", "'>M8[ns]'"},
      {"3f4", "('<f4', (3,))"},
      {"(2,3)>f4", "('>f4', (2, 3))"},
      {"()f4", "'<f4'"},
      {"c", "'|S1'"},
      {"i4,(2,)f8", "[('f0', '<i4'), ('f1', '<f8', (2,))]"},
      {"00|0V2,i4", "[('f0', '|V2', (0,)), ('f1', '<i4')]"}};
  for (const auto& [typed, written] : kKnown) CHECK(round(typed) == written);
}

TEST_CASE("invalid type strings are refused", "[dtype]") {
  for (const char* wrong : {"",
                            "<",
                            "f3",
                            "<float64",
                            "f8 ",
                            " f8",
                            "Float64",
                            "i4;f8",
                            "S-1",
                            "S2147483648",
                            "S4294967301",
                            "U536870912",
                            "M8[",
                            "M8[x]",
                            "M8[s/0]",
                            "M8[W/11]",
                            "(2)x",
                            "2147483647i2",
                            "S2147483647,i1",
                            "2|0V2,i4",
                            "[('\xff','i1')]",
                            "\xc3\xa9"})
    CHECK_THROWS_AS(dtype_from_text(wrong), DtypeError);
}

TEST_CASE("a comma in brackets that begin a type does not recurse for ever", "[dtype]") {
  for (const char* wrong : {"[a,b]", ">[a,b]", "[a,b],", "2[a,b]", "i4,[a,b]"})
    CHECK_THROWS_AS(dtype_from_text(std::string(wrong).insert(0, "=")), DtypeError);
  CHECK_THROWS_AS(dtype_from_string("[a,b]"), DtypeError);
  CHECK_THROWS_AS(dtype_from_string(">[a,b]"), DtypeError);
}

TEST_CASE("structures keep names, titles, subarrays, nesting and padding", "[dtype]") {
  for (const char* descr : {"[('start_ns', '<i8'), ('finish_ns', '<i8')]",
                            "[('a', '<i4'), ('', '|V4'), (('title', 'b'), '<f8', (2, 2))]",
                            "[('a', [('b', '|i1'), ('', '|V3')], (2,)), ('', '|V1')]", "[]",
                            "[('', '<f4')]", "('<f8', (2,))", "[('a', ('<f4', (3,)), (2,))]"})
    CHECK(round(descr) == descr);
}

TEST_CASE("offsets and sizes are packed and include padding", "[dtype]") {
  const Dtype dtype = dtype_from_text("[('a','<i4'),('','V4'),('b','<f8',(2,2)),('','V3')]");
  REQUIRE(dtype.structure() != nullptr);
  REQUIRE(dtype.structure()->fields.size() == 2);
  CHECK(dtype.structure()->fields[1].offset_bytes == 8);
  CHECK(dtype.structure()->fields[1].dtype.subarray()->shape == std::vector<std::uint64_t>{2, 2});
  CHECK(dtype.itemsize_bytes() == 43);
  CHECK(dtype_from_text("U3").itemsize_bytes() == 12);
}

TEST_CASE("structures that NumPy refuses are refused", "[dtype]") {
  for (const char* wrong :
       {"[('a','i4'),('a','i4')]", "[(('t','a'),'i4'),('t','i4')]", "[(('a','a'),'i4')]",
        "[('a',)]", "[('a','i4',2,3)]", "[(1,'i4')]", "[('a','S',(2,))]", "[('a','i4',(-1,))]",
        "[('a','i4',[])]", "[('a','i4',True)]", "[('a','S2147483647'),('b','i1')]",
        "[('a','i4',(536870912,))]", "[('a','i4',(2147483647,2147483647,3,0))]", "('i4',)"})
    CHECK_THROWS_AS(dtype_from_text(wrong), DtypeError);
  CHECK(dtype_from_text("[('a','i4',(2147483647,2147483647,2,0,9))]").itemsize_bytes() == 0);
}

TEST_CASE("an error in a descr has its offset", "[dtype]") {
  try {
    dtype_from_text("[('a','i4'),('b','i5')]");
    FAIL("accepted");
  } catch (const DtypeError& error) {
    CHECK(std::string(error.what()) == "not a data type: 'i5'");
    CHECK(error.offset_bytes() == 17);
  }
}

TEST_CASE("equality compares names, titles, types, order and padding", "[dtype]") {
  CHECK(dtype_from_text("[('a','i4')]") == dtype_from_text("[('a','<i4')]"));
  CHECK_FALSE(dtype_from_text("[('a','i4')]") == dtype_from_text("[('b','<i4')]"));
  CHECK_FALSE(dtype_from_text("[('a','i4')]") == dtype_from_text("[(('t','a'),'<i4')]"));
  CHECK_FALSE(dtype_from_text("[('a','i4')]") == dtype_from_text("[('a','<i4'),('','V1')]"));
  CHECK_FALSE(dtype_from_text("i4") == dtype_from_text(">i4"));
  CHECK_FALSE(dtype_from_text("2i4") == dtype_from_text("3i4"));
}

TEST_CASE("Python objects are found at any depth", "[dtype]") {
  CHECK(dtype_from_text("O").has_object());
  CHECK(dtype_from_text("[('a',[('b','O',(2,))])]").has_object());
  CHECK_FALSE(dtype_from_text("[('a',[('b','i1',(2,))])]").has_object());
}
