#pragma once
// Stripes: how a parallel file system deals out the bytes of a file to its storage servers. Read
// from the layout that Lustre gives a new file; other file systems are not asked.

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
  std::uint64_t count = 0;  ///< objects that stripes are dealt out to; 0: chosen when they are made
};

/// Reads the attribute `lustre.lov` of a file (struct lov_user_md or lov_comp_md_v1 of
/// lustre_user.h). Components of one file may differ in their stripes: returns the last that has
/// any, because a file that grows comes to lie there. Returns nothing for bytes that it does not
/// understand.
std::optional<Stripe> parse_lustre_layout(std::span<const std::byte> attribute);

/// Looks up the stripes of new files in each directory whose file system has any, and notes them in
/// its mount. Makes a file for that and removes it. Where the stripes cannot be read, nothing is
/// noted.
void look_at_stripes(std::vector<Mount>& mounts);

/// Alignment that gives each writer whole stripes and whole pages: the least common multiple of
/// both. Returns 0 where no stripe is known, and where the multiple is not a power of two, as
/// alignments must be.
std::uint64_t stripe_align_bytes(const MountResult& mount, std::uint64_t page_bytes);

}  // namespace npyrace
