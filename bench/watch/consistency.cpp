#include "bench/watch/consistency.h"

#include <fmt/format.h>

#include "bench/lab/plan.h"
#include "bench/storage/mounts.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace npyrace::watch {
namespace {

/// The weakest result over all kinds of readers, because one process that reads the file on a node
/// is enough for losses there.
Outcome measured(const Passport& passport, const char* via) {
  Outcome outcome = Outcome::unknown;
  for (const PassportRow& row : passport.rows) {
    if (row.via != via || row.sharing != "shared-pages" || row.refused || row.tries == 0) continue;
    if (row.named == Promise::none_seen) return Outcome::loses;
    outcome = Outcome::keeps;
  }
  return outcome;
}

}  // namespace

Consistency consistency_of(const Passport& passport) {
  if (passport.between != "mounts")
    throw UsageError(
        "--semantics: the result is of one node, which shares one page cache: run semantics with "
        "two --dir, or with --launcher ssh or mpi");
  return {.calls = measured(passport, "pwrite"),
          .stores = measured(passport, "mmap"),
          .source = "as run semantics measured"};
}

Consistency documented_consistency(const std::string& file_system) {
  const FileSystemRow& row = file_system_of(file_system);
  Consistency result{.source = fmt::format("as {} documents ({})", file_system, row.source)};
  if (row.promised == Promised::coherent) result.calls = result.stores = Outcome::keeps;
  if (row.promised == Promised::coherent_except_mmap) result.calls = Outcome::keeps;
  return result;
}

std::optional<Consistency> lab_consistency() {
  const std::string command = surrounding_lab();
  const std::vector<std::string> words = split(command, ' ');
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "--model") continue;
    const LabModel& model = lab_model(words[i + 1]);
    const bool whole_pages = model.kernel_write_back || model.extends_to_pages;
    return Consistency{.calls = whole_pages && !model.one_mount ? Outcome::loses : Outcome::keeps,
                       .stores = model.one_mount ? Outcome::keeps : Outcome::loses,
                       .source = fmt::format("in a lab of the model {}", model.name)};
  }
  return std::nullopt;
}

}  // namespace npyrace::watch
