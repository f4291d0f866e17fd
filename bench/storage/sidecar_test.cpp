#include "bench/storage/sidecar.h"

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using Json = nlohmann::ordered_json;
using npyrace::testing::TemporaryFolder;

namespace {

/// Every field differs from its default.
Sidecar full_sidecar() {
  return {.array = {.descr = "'<f8'",
                    .row_shape = {4},
                    .records = 90,
                    .layout = "padded-record",
                    .align_bytes = 512,
                    .ownership = Ownership::random,
                    .writers = 2,
                    .seed = 17,
                    .content = Content::bytes},
          .stamp_seed = 5,
          .generation = 3,
          .acknowledged = true,
          .promises = {{1, 2, 30}, {3, 3, 0}},
          .id = "00ff",
          .race = KeptRace{.strategy = "mmap",
                           .sync = "none",
                           .cache = "cold",
                           .launcher = "thread",
                           .mounts = 2,
                           .seconds = 0.5,
                           .phases = {1, 2, 3, 4, 5, 6, 7},
                           .overlap_seconds = 0.25,
                           .overlapped_share = 0.75,
                           .units_shared_by_writers = 8,
                           .units_shared_by_mounts = 9,
                           .trials = 10,
                           .file_trials = 11,
                           .verdict = Verdict::safe,
                           .reason = "why"}};
}

/// A sidecar on disk, as JSON.
struct Kept {
  TemporaryFolder folder;
  std::string array = folder.file("a.npy");
  Json json;

  Kept() {
    write_sidecar(array, full_sidecar());
    json = Json::parse(read_text_file(sidecar_path(array)));
  }
  std::optional<Sidecar> read(const std::function<void(Json&)>& change) const {
    Json changed = json;
    change(changed);
    std::ofstream(sidecar_path(array)) << changed.dump(2);
    return read_sidecar(array);
  }
};

}  // namespace

TEST_CASE("a sidecar is preserved when it is read and written again", "[sidecar]") {
  const Kept kept;
  const std::string text = read_text_file(sidecar_path(kept.array));
  write_sidecar(kept.array, *read_sidecar(kept.array));
  CHECK(read_text_file(sidecar_path(kept.array)) == text);
}

TEST_CASE("sidecars of version 0.1, which had fewer keys, are read", "[sidecar]") {
  const auto sidecar = Kept().read([](Json& json) {
    json["npyrace_sidecar"] = 1;
    for (const char* key : {"id", "promises"}) json.erase(key);
    for (const char* key : {"content", "stamp_version"}) json["array"].erase(key);
    json["race"].erase("file_trials");
    json["race"]["phases"].erase("collect");
  });
  REQUIRE(sidecar);
  CHECK(sidecar->array.content == Content::bytes);
  CHECK(sidecar->array.stamp_version == 1);
  CHECK(sidecar->race->file_trials == 0);
}

TEST_CASE("a sidecar with a wrong value is refused by file and key", "[sidecar]") {
  const Kept kept;
  const auto refused = [&](const std::string& words, const std::function<void(Json&)>& change) {
    CHECK_THROWS_AS(kept.read(change), FormatError);
    CHECK_THROWS_WITH(kept.read(change),
                      Catch::Matchers::StartsWith(sidecar_path(kept.array) + ": ") &&
                          Catch::Matchers::ContainsSubstring(words) &&
                          !Catch::Matchers::ContainsSubstring("json.exception"));
  };
  refused("array.records: a whole number", [](Json& json) { json["array"]["records"] = 3.25e20; });
  refused("generation: a whole number", [](Json& json) { json["generation"] = -1; });
  refused("no such generation", [](Json& json) { json["generation"] = 0; });
  refused("promises[1][0]: a whole number", [](Json& json) { json["promises"][1][0] = 1.5; });
  refused("promises of another number", [](Json& json) { json["promises"].erase(1); });
  refused("array.ownership: ", [](Json& json) { json["array"]["ownership"] = "nobody"; });
  refused("array.content: ", [](Json& json) { json["array"]["content"] = "words"; });
  refused("race.verdict: 'sfe' is no verdict", [](Json& json) { json["race"]["verdict"] = "sfe"; });
  refused("the key 'stamp_seed' is missing", [](Json& json) { json.erase("stamp_seed"); });
  refused("another version", [](Json& json) { json["npyrace_sidecar"] = 3; });
}
