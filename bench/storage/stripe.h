#pragma once
// Stripes: how a parallel file system distributes the bytes of a file over its storage servers.
// They are read from the layout of a new file on Lustre; other file systems are not supported.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/storage/mounts.h"

namespace npyrace {

struct Stripe {
  std::uint64_t size_bytes = 0;
  std::uint64_t count = 0;  ///< objects over which stripes are distributed; 0: chosen at creation
};

/// Reads the attribute `lustre.lov` of a file (struct lov_user_md or lov_comp_md_v1 of
/// lustre_user.h). Components of one file may have different stripes: returns those of the last
/// component that has any, because a growing file extends into it. Returns nothing for bytes of an
/// unknown format.
std::optional<Stripe> parse_lustre_layout(std::span<const std::byte> attribute);

/// Determines the stripes of new files in each directory on a file system with stripes, by a
/// temporary file, and stores them in its mount. Stores nothing if they cannot be read.
void look_at_stripes(std::vector<Mount>& mounts);

/// Alignment that gives each writer whole stripes and whole pages: the least common multiple of
/// both. Returns 0 where no stripe is known, and where the multiple is not a power of two, as
/// alignments must be.
std::uint64_t stripe_align_bytes(const MountResult& mount, std::uint64_t page_bytes);

}  // namespace npyrace
