#pragma once
// PAGEMAP_SCAN of Linux 6.7, which older headers lack (linux/fs.h). Uses the C library only.

#include <linux/types.h>
#include <sys/ioctl.h>

#include <cstddef>
#include <cstdint>

namespace npyrace::watch {

struct PageRegion {
  __u64 start, end, categories;
};

struct ScanRequest {
  __u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
  __u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

inline constexpr unsigned long kPagemapScan = _IOWR('f', 16, ScanRequest);
inline constexpr __u64 kProtectMatching = 1u << 0;  ///< protect the returned pages again
inline constexpr __u64 kCheckAsync = 1u << 1;       ///< EPERM where pages are not marked at all
inline constexpr __u64 kIsWritten = 1u << 1;

/// Arguments that request the pages in [start, end) that were stored to.
inline ScanRequest scan_request(std::uintptr_t start, std::uintptr_t end, PageRegion* regions,
                                std::size_t count, __u64 flags) {
  ScanRequest request = {};
  request.size = sizeof request;
  request.flags = flags;
  request.start = start;
  request.end = end;
  request.vec = reinterpret_cast<std::uintptr_t>(regions);
  request.vec_len = count;
  request.category_mask = request.return_mask = kIsWritten;
  return request;
}

}  // namespace npyrace::watch
