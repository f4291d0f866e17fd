// Detection of stores into shared mappings, by the best of three ways that the kernel supports:
// - asynchronous write protection (Linux 6.7): userfaultfd(2) with UFFD_FEATURE_WP_ASYNC makes the
//   kernel clear a mark of a page at its first store; PAGEMAP_SCAN (Documentation/admin-guide/mm/
//   pagemap.rst) reads and sets the marks in one atomic step;
// - soft-dirty bits (Documentation/admin-guide/mm/soft-dirty.rst);
// - neither: every page that is mapped writable may have been written.

#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/page_scan.h"

namespace npyrace::watch {
namespace {

// Definitions from linux/userfaultfd.h of Linux 6.7, which older headers lack in part.

struct UffdApi {
  __u64 api, features, ioctls;
};
struct UffdRange {
  __u64 start, length;
};
struct UffdRegister {
  UffdRange range;
  __u64 mode, ioctls;
};
struct UffdWriteProtect {
  UffdRange range;
  __u64 mode;
};
constexpr unsigned long kUffdApi = _IOWR(0xaa, 0x3f, UffdApi);
constexpr unsigned long kUffdRegister = _IOWR(0xaa, 0x00, UffdRegister);
constexpr unsigned long kUffdWriteProtect = _IOWR(0xaa, 0x06, UffdWriteProtect);
constexpr __u64 kUffdVersion = 0xaa;
constexpr __u64 kWpUnpopulated = 1u << 13;
constexpr __u64 kWpAsync = 1u << 15;
constexpr __u64 kRegisterWp = 1u << 1;
constexpr __u64 kProtect = 1u << 0;
constexpr int kUserModeOnly = 1;

constexpr std::uint64_t kSoftDirtyBit = std::uint64_t{1} << 55;

struct Mapping {
  std::uintptr_t start;
  std::uint64_t bytes;  ///< whole pages
  std::uint64_t offset;
  std::uint32_t file;
  std::uint32_t logged;
  bool writable;
  bool armed;  ///< stores can be seen
};

Mapping mappings[kMostMaps];
std::uint32_t mapping_count = 0;
int protector = -1;  ///< the userfaultfd
enum class Way { unknown, write_protect, soft_dirty, none } way = Way::unknown;
std::int64_t looked_at_ns = 0;

std::uint64_t page_bytes() {
  static const auto bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

bool is_excluded(const char* name) {
  return settings.stores[0] != 0 && strcmp(settings.stores, name) != 0;
}

int open_own(const char* path, int flags) {
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC));
}

bool open_protector() {
  if (is_excluded("write-protect")) return false;
  const int low =
      static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | kUserModeOnly));
  if (low < 0) return false;
  protector = moved_up(low);
  UffdApi api = {kUffdVersion, kWpAsync | kWpUnpopulated, 0};
  if (syscall(SYS_ioctl, protector, kUffdApi, &api) == 0) return true;
  syscall(SYS_close, protector);
  protector = -1;
  return false;
}

/// Clears the soft-dirty bits of the whole process.
bool clear_soft_dirty() {
  const int file = open_own("/proc/self/clear_refs", O_WRONLY);
  if (file < 0) return false;
  const bool cleared = syscall(SYS_write, file, "4", 1) == 1;
  syscall(SYS_close, file);
  return cleared;
}

bool is_soft_dirty(int pagemap, std::uintptr_t address) {
  std::uint64_t entry = 0;
  const auto at = address / page_bytes() * sizeof entry;
  return syscall(SYS_pread64, pagemap, &entry, sizeof entry, at) == sizeof entry &&
         (entry & kSoftDirtyBit) != 0;
}

/// Tests whether the kernel keeps soft-dirty bits: a page must be clean after clearing and dirty
/// after a store.
bool has_soft_dirty() {
  if (is_excluded("soft-dirty")) return false;
  void* const page =
      mmap(nullptr, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const int pagemap = open_own("/proc/self/pagemap", O_RDONLY);
  bool works = page != MAP_FAILED && pagemap >= 0;
  if (works) {
    auto* const bytes = static_cast<volatile char*>(page);
    const auto address = reinterpret_cast<std::uintptr_t>(page);
    bytes[0] = 1;
    works = clear_soft_dirty() && !is_soft_dirty(pagemap, address);
    bytes[0] = 2;
    works = works && is_soft_dirty(pagemap, address);
  }
  if (pagemap >= 0) syscall(SYS_close, pagemap);
  if (page != MAP_FAILED) munmap(page, page_bytes());
  return works;
}

void choose_way() {
  if (way != Way::unknown) return;
  way = open_protector() ? Way::write_protect : has_soft_dirty() ? Way::soft_dirty : Way::none;
}

Stores stores_of(Way chosen) {
  switch (chosen) {
    case Way::write_protect:
      return Stores::write_protect;
    case Way::soft_dirty:
      return Stores::soft_dirty;
    default:
      return Stores::upper_bound;
  }
}

void found(const Mapping& mapping, std::uint64_t start, std::uint64_t end) {
  wrote(*watched_at(mapping.file), What::stored, mapping.offset + (start - mapping.start),
        mapping.offset + (end - mapping.start));
}

/// Records that the mapping can no longer be watched, so that all of it may have been written.
void give_up(Mapping& mapping) {
  mapping.armed = false;
  wrote(*watched_at(mapping.file), What::may_store, mapping.offset, mapping.offset + mapping.bytes);
}

void scan(Mapping& mapping) {
  const int pagemap = open_own("/proc/self/pagemap", O_RDONLY);
  if (pagemap < 0) return give_up(mapping);
  static PageRegion regions[512];
  const std::uintptr_t end = mapping.start + mapping.bytes;
  for (std::uintptr_t at = mapping.start; at < end;) {
    ScanRequest request = scan_request(at, end, regions, 512, kProtectMatching | kCheckAsync);
    const long count = syscall(SYS_ioctl, pagemap, kPagemapScan, &request);
    if (count < 0) {
      if (errno == EINTR) continue;
      give_up(mapping);
      break;
    }
    for (long i = 0; i < count; ++i) found(mapping, regions[i].start, regions[i].end);
    if (request.walk_end <= at) break;
    at = request.walk_end;
  }
  syscall(SYS_close, pagemap);
}

void read_soft_dirty(Mapping& mapping) {
  const int pagemap = open_own("/proc/self/pagemap", O_RDONLY);
  if (pagemap < 0) return give_up(mapping);
  static std::uint64_t entries[512];
  const std::uint64_t pages = mapping.bytes / page_bytes();
  for (std::uint64_t page = 0; page < pages;) {
    const std::uint64_t left = pages - page;
    const std::uint64_t wanted = left < 512 ? left : 512;
    const long got = syscall(SYS_pread64, pagemap, entries, wanted * 8,
                             (mapping.start / page_bytes() + page) * 8);
    if (got < 8) {
      give_up(mapping);
      break;
    }
    for (long i = 0; i < got / 8; ++i) {
      if ((entries[i] & kSoftDirtyBit) == 0) continue;
      const std::uintptr_t start =
          mapping.start + (page + static_cast<std::uint64_t>(i)) * page_bytes();
      found(mapping, start, start + page_bytes());
    }
    page += static_cast<std::uint64_t>(got) / 8;
  }
  syscall(SYS_close, pagemap);
}

void look_at(Mapping& mapping) {
  if (!mapping.armed) return;
  if (way == Way::write_protect) scan(mapping);
  if (way == Way::soft_dirty) read_soft_dirty(mapping);
}

/// True if there is enough memory to mark the pages: marking pages that were not read yet allocates
/// page tables, 0.2 % of the size of the mapping.
bool has_memory_for_marks(std::uint64_t mapped_bytes) {
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 34;
  if (mapped_bytes <= kAlways) return true;
  char text[512];
  read_text("/proc/meminfo", text, sizeof text);
  const char* const place = strstr(text, "MemAvailable:");
  if (place == nullptr) return false;
  const auto available = static_cast<std::uint64_t>(atoll(place + 13)) * 1024;
  return mapped_bytes / 512 < available / 32;
}

bool protect(const Mapping& mapping) {
  if (!has_memory_for_marks(mapping.bytes)) {
    note("a mapping of %llu bytes is too large for the free memory to watch its stores",
         static_cast<unsigned long long>(mapping.bytes));
    return false;
  }
  UffdRegister area = {{mapping.start, mapping.bytes}, kRegisterWp, 0};
  UffdWriteProtect marks = {{mapping.start, mapping.bytes}, kProtect};
  return syscall(SYS_ioctl, protector, kUffdRegister, &area) == 0 &&
         syscall(SYS_ioctl, protector, kUffdWriteProtect, &marks) == 0;
}

void arm(Mapping& mapping) {
  choose_way();
  if (way == Way::write_protect) {
    mapping.armed = protect(mapping);
  } else if (way == Way::soft_dirty) {
    for (std::uint32_t i = 0; i < mapping_count; ++i)
      if (&mappings[i] != &mapping) look_at(mappings[i]);
    mapping.armed = clear_soft_dirty();
  }
  if (log_header != nullptr && mapping.writable) {
    const Stores stores = mapping.armed ? stores_of(way) : Stores::upper_bound;
    if (stores > log_header->stores) log_header->stores = stores;
  }
  if (!mapping.armed && mapping.writable) give_up(mapping);
}

/// Where the file has no data yet, the kernel would read ahead zeros into large folios, and on ext4
/// each first store to one of their pages then costs as much as the whole folio. A new file is
/// recognized by its few allocated blocks and not by lseek with SEEK_DATA, which would move a
/// position at which threads and children write meanwhile.
void keep_folios_small(const Mapping& mapping, int descriptor) {
  struct stat status;
  if (!status_of(descriptor, status)) return;
  constexpr std::int64_t kBlockBytes = 512;  // of st_blocks, on all file systems
  if (status.st_blocks * kBlockBytes <= status.st_size / 16)
    madvise(reinterpret_cast<void*>(mapping.start), mapping.bytes, MADV_RANDOM);
}

void log_live(Mapping& mapping) {
  Watched& file = *watched_at(mapping.file);
  if (!open_log()) return;
  if (!is_logged(file)) return;
  mapping.logged = log_map({.file = file.logged,
                            .live = 1,
                            .address = mapping.start,
                            .from = mapping.offset,
                            .to = mapping.offset + mapping.bytes});
}

void add(const Mapping& mapping) {
  if (mapping_count == kMostMaps) {
    note("more than %u mappings: the others are not watched", kMostMaps);
    return;
  }
  Mapping& place = mappings[mapping_count++];
  place = mapping;
  ++watched_at(place.file)->mappings;
  if (place.writable) {
    expect_ending_signals();
    log_live(place);
    arm(place);
  }
}

/// Removes the mapping from the table without ending the session of its file.
void drop(std::uint32_t which) {
  Mapping& mapping = mappings[which];
  if (mapping.logged != kNone && log_header != nullptr) map_in_log(mapping.logged)->live = 0;
  --watched_at(mapping.file)->mappings;
  mapping = mappings[--mapping_count];
}

/// Adds the part of a mapping that remains when another part is unmapped. The kernel keeps its
/// write protection.
void keep_part(const Mapping& whole, std::uintptr_t start, std::uintptr_t end) {
  if (start >= end || mapping_count == kMostMaps) return;
  Mapping part = whole;
  part.start = start;
  part.bytes = end - start;
  part.offset = whole.offset + (start - whole.start);
  part.logged = kNone;
  ++watched_at(part.file)->mappings;
  if (part.writable) log_live(part);
  mappings[mapping_count++] = part;
}

bool overlaps(const Mapping& mapping, std::uintptr_t start, std::uintptr_t end) {
  return mapping.start < end && start < mapping.start + mapping.bytes;
}

std::uint64_t rounded(std::uint64_t bytes) {
  return (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

}  // namespace

bool is_protector(int descriptor) {
  if (protector < 0 || descriptor != protector) return false;
  // The program may have opened another file under the descriptor's number.
  char link[48], target[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const long length = syscall(SYS_readlinkat, AT_FDCWD, link, target, sizeof target - 1);
  if (length < 0) return false;
  target[length] = 0;
  return strstr(target, "userfaultfd") != nullptr;
}

void mapped(void* address, std::size_t bytes, bool writable, int descriptor, std::uint64_t offset) {
  const long flags = syscall(SYS_fcntl, descriptor, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) != O_RDWR) return;
  Watched* const file = watched_file(descriptor);
  if (file == nullptr) return;
  const Mapping mapping{.start = reinterpret_cast<std::uintptr_t>(address),
                        .bytes = rounded(bytes),
                        .offset = offset,
                        .file = index_of(*file),
                        .logged = kNone,
                        .writable = writable,
                        .armed = false};
  if (writable) keep_folios_small(mapping, descriptor);
  add(mapping);
}

void look_at_mappings_in(void* address, std::size_t bytes) {
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  for (std::uint32_t i = 0; i < mapping_count; ++i)
    if (overlaps(mappings[i], start, start + rounded(bytes))) look_at(mappings[i]);
}

void unmapped(void* address, std::size_t bytes) {
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  const std::uintptr_t end = start + rounded(bytes);
  for (std::uint32_t i = mapping_count; i-- > 0;) {
    if (!overlaps(mappings[i], start, end)) continue;
    const Mapping whole = mappings[i];
    const std::uintptr_t whole_end = whole.start + whole.bytes;
    drop(i);
    keep_part(whole, whole.start, start);
    keep_part(whole, end, whole_end);
    handle_dropped(*watched_at(whole.file));
  }
}

void made_writable(void* address, std::size_t bytes) {
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  for (std::uint32_t i = 0; i < mapping_count; ++i) {
    Mapping& mapping = mappings[i];
    if (mapping.writable || !overlaps(mapping, start, start + rounded(bytes))) continue;
    mapping.writable = true;
    expect_ending_signals();
    log_live(mapping);
    arm(mapping);
  }
}

Moved moving(void* address, std::size_t bytes) {
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  for (std::uint32_t i = 0; i < mapping_count; ++i) {
    const Mapping whole = mappings[i];
    if (!overlaps(whole, start, start + (bytes == 0 ? 1 : bytes))) continue;
    // The kernel may remove the protection of a neighbour as well: see moved.
    look_at_all_mappings();
    drop(i);
    const std::uintptr_t end = start + rounded(bytes);
    keep_part(whole, whole.start, start);
    keep_part(whole, end, whole.start + whole.bytes);
    return {watched_at(whole.file), whole.offset + (start - whole.start), whole.writable};
  }
  return {nullptr, 0, false};
}

namespace {

/// mremap removes the write protection of the pages that it moves. If the kernel merges the mapping
/// with an adjacent mapping of the same file, that one loses its protection as well.
void arm_neighbours(std::uintptr_t start, std::uintptr_t end) {
  for (std::uint32_t i = 0; i < mapping_count; ++i) {
    Mapping& mapping = mappings[i];
    if (mapping.armed && (mapping.start == end || mapping.start + mapping.bytes == start))
      arm(mapping);
  }
}

}  // namespace

void moved(const Moved& from, void* address, std::size_t bytes) {
  if (from.file == nullptr) return;
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  arm_neighbours(start, start + rounded(bytes));
  add({.start = reinterpret_cast<std::uintptr_t>(address),
       .bytes = rounded(bytes),
       .offset = from.offset,
       .file = index_of(*from.file),
       .logged = kNone,
       .writable = from.writable,
       .armed = false});
}

void look_at_all_mappings() {
  for (std::uint32_t i = 0; i < mapping_count; ++i) look_at(mappings[i]);
  if (mapping_count > 0 && way == Way::soft_dirty) clear_soft_dirty();
  looked_at_ns = now().boot_ns;
}

void look_now_and_then() {
  constexpr std::int64_t kIntervalNs = 1000000000;
  if (mapping_count > 0 && now().boot_ns - looked_at_ns > kIntervalNs) look_at_all_mappings();
}

void dropping_pages() {
  if (way == Way::soft_dirty) look_at_all_mappings();
}

void emptied_pages(void* address, std::size_t bytes) {
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  const std::uintptr_t end = start + rounded(bytes);
  for (std::uint32_t i = 0; i < mapping_count; ++i) {
    const Mapping& mapping = mappings[i];
    if (!overlaps(mapping, start, end)) continue;
    const std::uintptr_t whole_end = mapping.start + mapping.bytes;
    const std::uintptr_t from = mapping.start < start ? start : mapping.start;
    const std::uintptr_t to = whole_end < end ? whole_end : end;
    wrote(*watched_at(mapping.file), What::called, mapping.offset + (from - mapping.start),
          mapping.offset + (to - mapping.start));
  }
}

void flushed(void* address, std::size_t bytes) {
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  look_now_and_then();
  for (std::uint32_t i = 0; i < mapping_count; ++i)
    if (overlaps(mappings[i], start, start + bytes)) synced(*watched_at(mappings[i].file));
}

void watch_mappings_again() {
  if (is_protector(protector)) syscall(SYS_close, protector);
  protector = -1;
  way = Way::unknown;
  for (std::uint32_t i = 0; i < mapping_count; ++i) {
    mappings[i].logged = kNone;
    mappings[i].armed = false;
  }
  bool any = false;
  for (std::uint32_t i = 0; i < mapping_count; ++i) any = any || mappings[i].writable;
  if (!any) return;
  choose_way();
  for (std::uint32_t i = 0; i < mapping_count; ++i)
    if (mappings[i].writable) arm(mappings[i]);
}

}  // namespace npyrace::watch
