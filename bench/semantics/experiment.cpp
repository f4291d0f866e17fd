#include "bench/semantics/experiment.h"

#include <fmt/format.h>

namespace npyrace {

std::string Experiment::name() const {
  return fmt::format("{}, {}, {}", via->name, sharing->name, reader->name);
}

std::span<const ViaRow> via_table() {
  static const std::vector<ViaRow> rows{
      {.name = "pwrite",
       .write = "pwrite",
       .read = "pread",
       .maps = false,
       .acts = {{"write", ActLevel::write, {}},
                {"fsync", ActLevel::commit, {"fsync"}},
                {"close", ActLevel::close, {"close"}}}},
      {.name = "mmap",
       .write = "store",
       .read = "load",
       .maps = true,
       .acts = {{"write", ActLevel::write, {}},
                {"msync", ActLevel::commit, {"msync"}},
                {"fsync", ActLevel::extra, {"fsync"}},
                {"munmap", ActLevel::extra, {"munmap"}},
                {"close", ActLevel::close, {"munmap", "close"}}}},
  };
  return rows;
}

std::span<const SharingRow> sharing_table() {
  static constexpr SharingRow kRows[] = {{"own-pages", false}, {"shared-pages", true}};
  return kRows;
}

std::span<const ReaderRow> reader_table() {
  static constexpr ReaderRow kRows[] = {
      {.name = "fresh", .holds_for_writing = false, .opens_anew = true, .closes_first = true},
      {.name = "holds-read",
       .holds_for_writing = false,
       .opens_anew = false,
       .closes_first = false},
      {.name = "holds-write", .holds_for_writing = true, .opens_anew = true, .closes_first = false},
  };
  return kRows;
}

std::vector<Experiment> all_experiments() {
  std::vector<Experiment> all;
  for (const ViaRow& via : via_table())
    for (const SharingRow& sharing : sharing_table())
      for (const ReaderRow& reader : reader_table()) all.push_back({&via, &sharing, &reader});
  return all;
}

}  // namespace npyrace
