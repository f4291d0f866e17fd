#include "reports/text/inspect_report.h"

#include "core/npy/dtype.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

InspectedFile inspected(const char* descr, std::vector<std::uint64_t> shape) {
  InspectedFile file;
  file.path = "times.npy";
  file.header.dtype = dtype_from_text(descr);
  file.header.shape = std::move(shape);
  file.header.data_offset_bytes = 128;
  file.file_bytes = 128 + file.header.data_bytes();
  return file;
}

}  // namespace

TEST_CASE("the JSON form has exactly the documented keys", "[inspect]") {
  const InspectedFile file = inspected("[('start_ns','<i8'),('finish_ns','<i8')]", {60000});
  const std::string object =
      R"("version":[1,0],"shape":[60000],"fortran_order":false,)"
      R"("descr":[["start_ns","<i8"],["finish_ns","<i8"]],)"
      R"("itemsize":16,"data_offset":128,"data_bytes":960000,"file_bytes":960128})";
  CHECK(inspect_json(file) == "{" + object);
  CHECK(inspect_json(file, {.first_key_file = true}) == R"({"file":"times.npy",)" + object);
}

TEST_CASE("JSON writes descr as NumPy does", "[inspect]") {
  const auto descr = [](const char* text) {
    const std::string json = inspect_json(inspected(text, {}));
    const std::size_t start = json.find("\"descr\":") + 8;
    return json.substr(start, json.find(",\"itemsize\"") - start);
  };
  CHECK(descr("f8") == R"("<f8")");
  CHECK(descr("[(('title','b'),'<f8',(2,2)),('','V7')]") ==
        R"([[["title","b"],"<f8",[2,2]],["","|V7"]])");
  CHECK(descr("[('a',[('b','i1')])]") == R"([["a",[["b","|i1"]]]])");
}

TEST_CASE("JSON is valid UTF-8 whatever a name holds", "[inspect]") {
  InspectedFile file = inspected(R"([('\ud800','i1')])", {1});
  file.path = "bad\xffname";
  const std::string json = inspect_json(file, {.first_key_file = true});
  CHECK(json.find("bad\xEF\xBF\xBDname") != std::string::npos);
  CHECK(json.find('\xff') == std::string::npos);
  CHECK(json.find("\xED\xA0\x80") == std::string::npos);
}

TEST_CASE("the text form is readable", "[inspect]") {
  CHECK(inspect_text(inspected("[('start_ns','<i8'),(('t','p'),'<f4',(2,))]", {60000})) ==
        "times.npy\n"
        "  version      1.0\n"
        "  shape        (60000,)\n"
        "  order        C (last axis fastest)\n"
        "  dtype        structure of 2 fields\n"
        "               start_ns: '<i8', 8 bytes at 0\n"
        "               p (title 't'): ('<f4', (2,)), 8 bytes at 8\n"
        "  item         16 bytes\n"
        "  data offset  128 bytes\n"
        "  data         960 000 bytes\n"
        "  file         960 128 bytes\n");
}

TEST_CASE("a file of the wrong length is noted", "[inspect]") {
  InspectedFile file = inspected("<f8", {1000});
  file.file_bytes -= 5000;
  CHECK(inspect_text(file).find("note         the file is 5 000 bytes shorter") !=
        std::string::npos);
  file.file_bytes += 5001;
  CHECK(inspect_text(file).find("note         the file is 1 bytes longer") != std::string::npos);
}

TEST_CASE("no control character of a name or a path reaches the terminal", "[inspect]") {
  InspectedFile file = inspected(R"([(('\x9b31m','a\x1b[2J\r\n\u202e'),'<f4')])", {1});
  file.path = "evil\x1b]0;title\x07\xff.npy";
  const std::string text = inspect_text(file);
  for (const char c : text) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
  CHECK(text.find("a\\x1b[2J\\x0d\\x0a\\u202e") != std::string::npos);
  CHECK(text.find("evil\\x1b]0;title\\x07\\xff.npy") != std::string::npos);
}
