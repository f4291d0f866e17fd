#include "bench/storage/stripe.h"

#include <bit>
#include <exception>
#include <numeric>

#include "bench/storage/race_file.h"
#include "core/base/checked.h"
#include "core/file/posix_file.h"

namespace npyrace {
namespace {

using Bytes = std::span<const std::byte>;

// Plain layout: magic, pattern, 16 bytes of object id, stripe size, stripe count, and so on.
// Version 3 adds the name of a pool before the list of objects, which is not needed here.
constexpr std::uint64_t kPlainMagic = 0x0BD10BD0;
constexpr std::uint64_t kPoolMagic = 0x0BD30BD0;
constexpr std::size_t kPlainBytes = 32;
constexpr std::size_t kPoolBytes = 48;
constexpr std::size_t kPatternAt = 4, kStripeSizeAt = 24, kStripeCountAt = 28;
constexpr std::uint64_t kStripedPattern = 0x1;   // RAID 0: stripes on storage servers
constexpr std::uint64_t kAllServers = 0xffff;    // stands in a layout whose objects are yet to come
constexpr std::uint64_t kStripeUnit = 64 << 10;  // Lustre refuses stripes that are no multiple

// Composite layout: a head, then one entry a component, each with the place of a plain layout.
constexpr std::uint64_t kCompositeMagic = 0x0BD60BD0;
constexpr std::size_t kCompositeBytes = 32;
constexpr std::size_t kEntryCountAt = 14;
constexpr std::size_t kEntryBytes = 48;
constexpr std::size_t kPartOffsetAt = 24, kPartSizeAt = 28;

/// Little-endian, on disk and on every architecture that is a client of Lustre today.
std::uint64_t number_at(Bytes bytes, std::size_t at, std::size_t size_bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = size_bytes; i > 0; --i)
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i - 1]);
  return value;
}

/// Returns nothing for a component without stripes, as one whose data lie on the metadata server.
std::optional<Stripe> plain_layout(Bytes bytes) {
  if (bytes.size() < kPlainBytes) return {};
  const std::uint64_t magic = number_at(bytes, 0, 4);
  if (magic != kPlainMagic && magic != kPoolMagic) return {};
  if (magic == kPoolMagic && bytes.size() < kPoolBytes) return {};
  if ((number_at(bytes, kPatternAt, 4) & kStripedPattern) == 0) return {};
  const Stripe stripe{.size_bytes = number_at(bytes, kStripeSizeAt, 4),
                      .count = number_at(bytes, kStripeCountAt, 2)};
  if (stripe.size_bytes == 0 || stripe.size_bytes % kStripeUnit != 0) return {};
  return Stripe{stripe.size_bytes, stripe.count == kAllServers ? 0 : stripe.count};
}

/// The whole answer is doubted if a component lies beyond its end.
std::optional<Stripe> composite_layout(Bytes bytes) {
  if (bytes.size() < kCompositeBytes) return {};
  const std::size_t entries = as_size(number_at(bytes, kEntryCountAt, 2));
  if (bytes.size() < kCompositeBytes + entries * kEntryBytes) return {};
  std::optional<Stripe> last;
  for (std::size_t i = 0; i < entries; ++i) {
    const Bytes entry = bytes.subspan(kCompositeBytes + i * kEntryBytes, kEntryBytes);
    const std::size_t offset = as_size(number_at(entry, kPartOffsetAt, 4));
    const std::size_t size_bytes = as_size(number_at(entry, kPartSizeAt, 4));
    if (offset > bytes.size() || size_bytes > bytes.size() - offset) return {};
    if (const auto stripe = plain_layout(bytes.subspan(offset, size_bytes))) last = stripe;
  }
  return last;
}

/// A directory has the attribute only if a user has set it, and it may then contain only defaults.
/// A file always has it, with the actual values.
std::optional<Stripe> stripe_of_new_file(const std::string& dir, const char* attribute) {
  try {
    const RaceFile made({dir}, ArrayMap({.records = 16}), open_posix_file,
                        array_maker(Making::unsynced));
    return parse_lustre_layout(attribute_of(made.paths().front(), attribute));
  } catch (const std::exception&) {
    return {};  // the race will say what is wrong with the directory
  }
}

}  // namespace

std::optional<Stripe> parse_lustre_layout(Bytes attribute) {
  if (attribute.size() < 4) return {};
  return number_at(attribute, 0, 4) == kCompositeMagic ? composite_layout(attribute)
                                                       : plain_layout(attribute);
}

void look_at_stripes(std::vector<Mount>& mounts) {
  for (Mount& mount : mounts) {
    MountResult& found = mount.description;
    const char* attribute = file_system_of(found.fs_type).stripe_attribute;
    if (attribute == nullptr) continue;
    const auto stripe = stripe_of_new_file(found.dir, attribute);
    if (!stripe) continue;
    found.stripe_bytes = stripe->size_bytes;
    found.stripe_count = stripe->count;
  }
}

std::uint64_t stripe_align_bytes(const MountResult& mount, std::uint64_t page_bytes) {
  if (mount.stripe_bytes == 0) return 0;
  const std::uint64_t align_bytes = std::lcm(mount.stripe_bytes, page_bytes);
  return std::has_single_bit(align_bytes) ? align_bytes : 0;
}

}  // namespace npyrace
