#include "reports/json/json_fields.h"

#include <array>

#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Equals;

namespace {

enum class Colour { red, green };
const char* colour_name(Colour colour) {
  return colour == Colour::red ? "red" : "green";
}
void describe(JsonFields& json, Colour& colour) {
  constexpr std::array kColours{Colour::red, Colour::green};
  json.name(colour, kColours, colour_name, "colour");
}

enum class Step { first, second };
void describe(JsonFields& json, Step& step) {
  json.number(step, Step::second);
}

struct Pair {
  std::uint64_t low = 0, high = 0;
};
void describe(JsonFields& json, Pair& pair) {
  json.elements(pair.low, pair.high);
  json.check(pair.low <= pair.high, "the first number is the larger one");
}

/// Every kind of field.
struct Sample {
  std::string name;
  bool flag = false;
  double seconds = 0;
  std::uint64_t large = 0;
  std::int64_t offset = 0;
  unsigned small = 0;
  Colour colour = Colour::red;
  Step step = Step::first;
  std::optional<Colour> other_colour;
  std::vector<Pair> pairs;
  std::map<std::string, std::string> labels;
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::string note;
  std::uint64_t later = 7;
};
void describe(JsonFields& json, Sample& sample) {
  json.required("name", sample.name);
  json("flag", sample.flag);
  json("seconds", sample.seconds);
  json("large", sample.large);
  json("offset", sample.offset);
  json("small", sample.small);
  json("colour", sample.colour);
  json("step", sample.step);
  json("other_colour", sample.other_colour);
  json("pairs", sample.pairs);
  json("labels", sample.labels);
  json("counts", sample.counts);
  json.write_only("count", std::uint64_t{sample.counts.size()});
  json.unless_empty("note", sample.note);
  json.added("later", sample.later);
  json.refuse_other_keys();
}

constexpr const char* kFull =
    R"({"name":"a","flag":true,"seconds":0.5,"large":18446744073709551615,)"
    R"("offset":-9223372036854775808,"small":4294967295,"colour":"green","step":1,)"
    R"("other_colour":"red","pairs":[[1,2],[3,4]],"labels":{"k":"v"},"counts":{"z":1,"a":2},)"
    R"("count":2,"note":"n","later":9})";

std::string words_of(const std::string& text, Missing missing = Missing::keeps_default) {
  try {
    from_json<Sample>(text, missing);
    return "none";
  } catch (const FormatError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("one description writes every kind of field and reads it back", "[json]") {
  const auto full = from_json<Sample>(kFull, Missing::refused);
  CHECK(json_line(full, NotUtf8::refused) == kFull);
  const auto least = from_json<Sample>(R"({"name": "a"})", Missing::keeps_default);
  CHECK(json_line(least, NotUtf8::refused) ==
        R"({"name":"a","flag":false,"seconds":0.0,"large":0,"offset":0,"small":0,)"
        R"("colour":"red","step":0,"pairs":[],"labels":{},"counts":{},"count":0,"later":7})");
}

TEST_CASE("a number that does not fit its type is refused by name", "[json]") {
  const auto with = [](const std::string& field) {
    return words_of(R"({"name": "a", )" + field + "}");
  };
  for (const char* wrong :
       {"-1", "3.25", "3.25e20", "18446744073709551616", "1e3", "null", "\"1\""}) {
    INFO(wrong);
    CHECK_THAT(with(std::string("\"large\": ") + wrong),
               Equals("large: a whole number from 0 to 18446744073709551615 is expected"));
  }
  CHECK_THAT(with(R"("small": 4294967296)"),
             Equals("small: a whole number from 0 to 4294967295 is expected"));
  CHECK_THAT(with(R"("offset": 9223372036854775808)"),
             ContainsSubstring("offset: a whole number from -92"));
  CHECK_THAT(with(R"("offset": -3.25e20)"), ContainsSubstring("offset: a whole number from -92"));
  CHECK_THAT(with(R"("seconds": -0.5)"), Equals("seconds: a number from 0 on is expected"));
  CHECK_THAT(with(R"("pairs": [[1, 2], [3, 0.5]])"),
             ContainsSubstring("pairs[1][1]: a whole number"));
  CHECK_THAT(with(R"("counts": {"lost": -2})"), ContainsSubstring("counts.lost: a whole number"));
  CHECK_THAT(with(R"("step": 2)"), ContainsSubstring("step: "));
}

TEST_CASE("errors of reading name the position", "[json]") {
  const auto with = [](const std::string& field) {
    return words_of(R"({"name": "a", )" + field + "}");
  };
  CHECK_THAT(words_of("{}"), Equals("the key 'name' is missing"));
  CHECK_THAT(words_of("[]"), Equals("an object is expected, found array"));
  CHECK_THAT(with(R"("flag": 1)"), Equals("flag: true or false is expected, found number"));
  CHECK_THAT(with(R"("colour": "blue")"), Equals("colour: 'blue' is no colour"));
  CHECK_THAT(with(R"("pairs": {})"), Equals("pairs: an array is expected, found object"));
  CHECK_THAT(with(R"("pairs": [[1, 2, 3]])"), Equals("pairs[0]: an array of 2 is expected"));
  CHECK_THAT(with(R"("pairs": [[2, 1]])"), Equals("pairs[0]: the first number is the larger one"));
  CHECK_THAT(with(R"("labels": [])"), Equals("labels: an object is expected, found array"));
  CHECK_THAT(with(R"("labels": {"a": 3})"), Equals("labels.a: a string is expected, found number"));
  CHECK_THAT(with(R"("falg": true)"),
             ContainsSubstring("unknown key 'falg'; did you mean 'flag'?"));
}

TEST_CASE("only keys that are not always written may be missing in a message", "[json]") {
  const std::string message =
      R"({"name": "a", "flag": false, "seconds": 0, "large": 0, "offset": 0, "small": 0,
          "colour": "red", "step": 0, "pairs": [], "labels": {}, "counts": {)";
  CHECK(words_of(message + "}}", Missing::refused) == "none");
  CHECK(words_of(R"({"name": "a"})", Missing::refused) == "the key 'flag' is missing");
}

TEST_CASE("text that is not UTF-8 is replaced or refused", "[json]") {
  Sample sample;
  sample.name = "\xff";
  CHECK_THAT(json_line(sample, NotUtf8::replaced), ContainsSubstring("\xEF\xBF\xBD"));
  CHECK_THROWS_AS(json_line(sample, NotUtf8::refused), FormatError);
}
