#include "bench/lab/model.h"

#include "core/error.h"
#include "core/suggest.h"

namespace npyrace {
namespace {

using std::chrono::milliseconds;

constexpr LabModel kModels[] = {
    {.name = "strong",
     .summary = "a write is seen by every node when it returns (all nodes share one page cache)",
     .publication = Publication::at_write,
     .refresh = Refresh::at_open,
     .one_mount = true},
    {.name = "commit",
     .summary = "a write is seen by every node after fsync or msync",
     .publication = Publication::at_sync_or_close,
     .refresh = Refresh::at_publication},
    {.name = "session",
     .summary = "a write is seen after close or fsync by those who open afterwards",
     .publication = Publication::at_sync_or_close,
     .refresh = Refresh::at_open},
    {.name = "eventual",
     .summary = "a write is seen a second later, whatever the writer calls",
     .publication = Publication::later,
     .refresh = Refresh::at_publication,
     .publication_delay = milliseconds(1000)},
    {.name = "nfs",
     .summary = "session as Linux's NFS client keeps it: a page the node knows travels whole",
     .publication = Publication::at_sync_or_close,
     .refresh = Refresh::at_open_unless_writing,
     .extends_to_pages = true,
     .last_unmapping_publishes = false,
     .publication_delay = milliseconds(5000),
     .refresh_delay = milliseconds(4000)},
    {.name = "pages",
     .summary = "everything travels as whole pages (the kernel's write-back cache)",
     .publication = Publication::at_write,
     .refresh = Refresh::at_open,
     .kernel_write_back = true},
};

}  // namespace

std::span<const LabModel> lab_models() {
  return kModels;
}

std::vector<std::string> lab_model_names() {
  std::vector<std::string> names;
  for (const LabModel& model : kModels) names.emplace_back(model.name);
  return names;
}

const LabModel& lab_model(const std::string& name) {
  for (const LabModel& model : kModels)
    if (name == model.name) return model;
  throw UsageError(unknown_name_message("model", name, lab_model_names()));
}

}  // namespace npyrace
