#include "bench/advise/recipe_parts.h"

namespace npyrace {
namespace {

constexpr const char* kPart = R"(

def part(job):
    return f"{FILE}.part{job}.npy"
)";

/// Under its name only when it is whole.
constexpr const char* kWrite = R"(

def write(job, records):
    with open(part(job) + ".new", "wb") as file:
        np.save(file, records)
        file.flush()
        os.fsync(file.fileno())
    os.rename(part(job) + ".new", part(job))
)";

constexpr const char* kCheck = R"(

for job in range(JOBS):  # all are there and whole, or nothing is written
    records = np.load(part(job), mmap_mode="r")
    if records.dtype != BASE or records.shape != (count_of(job), *ROW):
        sys.exit(f"{part(job)}: {records.shape} records of {records.dtype}, not {count_of(job)} of {ITEM}")
)";

constexpr const char* kAssign = R"(
array = np.load(FILE, mmap_mode="r+")
for job in range(JOBS):
    where = share(job)
    if len(where):
        rows(array)[where[0]:where[-1] + 1:where.step] = np.load(part(job))
array.flush()  # now the parts can go
)";

constexpr const char* kCopyInKernel = R"(
with open(FILE, "r+b") as file:
    for job in range(JOBS):
        begin = np.load(part(job), mmap_mode="r").offset
        with open(part(job), "rb") as source:
            done, size = 0, count_of(job) * ITEM.itemsize
            while done < size:
                at = OFFSET + share(job)[0] * ITEM.itemsize
                moved = os.copy_file_range(source.fileno(), file.fileno(), size - done, begin + done, at + done)
                if moved == 0:
                    sys.exit(f"{part(job)}: shorter than it was")
                done += moved
    os.fsync(file.fileno())  # now the parts can go
)";

WayText parts(const char* collect) {
  return {.write = std::string(kPart) + kWrite, .collect = std::string(kPart) + kCheck + collect};
}

}  // namespace

WayText file_per_writer_text(const CellDescription& /*cell*/) {
  return parts(kAssign);
}

WayText file_per_writer_reflink_text(const CellDescription& cell) {
  if (!back_to_back(cell)) return {};
  return parts(kCopyInKernel);
}

}  // namespace npyrace
