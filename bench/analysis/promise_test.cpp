#include "bench/analysis/cross_checks.h"
#include "bench/storage/mounts.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

Environment on(const char* fs_type) {
  return {.mounts = {{.dir = "/n1", .fs_type = fs_type}, {.dir = "/n2", .fs_type = fs_type}}};
}

CellResult cell(Verdict verdict) {
  CellResult result;
  result.cell.name = "mmap/packed";
  result.cell.strategy = "mmap";
  result.verdict = verdict;
  result.attribution.damaged = verdict == Verdict::unsafe ? 5 : 0;
  result.evidence.units_shared_by_mounts = 33;
  result.evidence.chance_to_miss = 0.001;
  return result;
}

}  // namespace

TEST_CASE("records lost where coherence is promised contradict the promise", "[promise]") {
  for (const char* coherent : {"ocfs2", "lustre", "gpfs", "ext4"}) {
    const auto found = contradictions(on(coherent), {cell(Verdict::safe), cell(Verdict::unsafe)});
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("yet records were lost: mmap/packed") != std::string::npos);
    CHECK(contradictions(on(coherent), {cell(Verdict::safe)}).empty());
  }
  CHECK(contradictions(on("nfs4"), {cell(Verdict::unsafe)}).empty());
}

TEST_CASE("where coherence is promised for calls only, a loss through mmap contradicts nothing",
          "[promise]") {
  CellResult called = cell(Verdict::unsafe);
  CHECK(contradictions(on("ceph"), {called}).empty());
  called.cell.strategy = "pwrite+mmap";
  CHECK(contradictions(on("ceph"), {called}).empty());
  called.cell.strategy = "pwrite";
  CHECK(contradictions(on("ceph"), {called}).size() == 1);
}

TEST_CASE("behaviour beyond the documented guarantee is reported if trials suffice", "[promise]") {
  const auto found = contradictions(on("nfs4"), {cell(Verdict::safe)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("it is not promised") != std::string::npos);
  CellResult little = cell(Verdict::safe);
  little.evidence.chance_to_miss = 0.5;
  CHECK(contradictions(on("nfs4"), {little}).empty());
  CellResult padded = cell(Verdict::safe);
  padded.evidence.units_shared_by_mounts = 0;
  CHECK(contradictions(on("nfs4"), {padded}).empty());
  // Some strategies keep records that others lose, as the guarantee permits.
  CHECK(contradictions(on("nfs4"), {cell(Verdict::safe), cell(Verdict::unsafe)}).empty());
}

TEST_CASE("losses by strategies that overwrite other records do not contradict the file system",
          "[promise]") {
  CellResult naive = cell(Verdict::unsafe);
  for (const char* strategy : {"read-modify-write", "exec"}) {
    naive.cell.strategy = strategy;
    CHECK(contradictions(on("ext4"), {naive}).empty());
  }
}

TEST_CASE("damage that sharing does not explain does not contradict a guarantee", "[promise]") {
  CellResult odd = cell(Verdict::unsafe);
  odd.attribution.unexplained = odd.attribution.damaged;
  CHECK(contradictions(on("ext4"), {odd}).empty());
}

TEST_CASE("a file system without a documented guarantee cannot contradict it", "[promise]") {
  for (const char* unknown : {"fuse", "fuse.npyrace", "9p", "newfs"})
    for (const Verdict verdict : {Verdict::safe, Verdict::unsafe})
      CHECK(contradictions(on(unknown), {cell(verdict)}).empty());
}

TEST_CASE("mount options that change a guarantee are reported", "[promise]") {
  const auto notes = option_notes(file_system_of("nfs"), "rw,relatime,vers=3,nolock,noac,async");
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].starts_with("nolock:"));
  CHECK(notes[1].starts_with("noac:"));
  CHECK(option_notes(file_system_of("nfs"), "rw,nolockx").empty());
  CHECK(option_notes(file_system_of("ext4"), "rw,nolock").empty());
}

TEST_CASE("every file system's row is complete", "[promise]") {
  for (const FileSystemRow& row : file_system_table()) {
    INFO(row.name);
    CHECK(std::string(row.promise).size() > 10);
    CHECK(std::string(row.unit).size() > 3);
    CHECK(std::string(row.source).size() > 3);
    CHECK(&file_system_of(row.name) == &row);
    if (row.one_node) CHECK(row.promised == Promised::coherent);
  }
  CHECK(std::string(file_system_of("fuse.unheard-of").name) == "fuse");
  CHECK(std::string(file_system_of("unheard-of").name) == "other");
}

TEST_CASE("for strategies of a library that may overwrite others the library is suspected first",
          "[promise]") {
  CellResult collective = cell(Verdict::unsafe);
  for (const char* strategy : {"mpi-collective", "mpi-independent", "mpi-atomic"}) {
    collective.cell.strategy = strategy;
    CHECK(contradictions(on("tmpfs"), {collective}).empty());
  }
}
