#include "bench/storage/stripe.h"

#include <filesystem>
#include <string>

#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

using Attribute = std::vector<std::byte>;

/// Bytes as getfattr -e hex prints them; spaces and line ends separate fields.
Attribute hex(std::string_view digits) {
  Attribute bytes;
  std::string pair;
  for (const char digit : digits) {
    if (digit == ' ' || digit == '\n') continue;
    pair += digit;
    if (pair.size() < 2) continue;
    bytes.push_back(static_cast<std::byte>(std::stoi(pair, nullptr, 16)));
    pair.clear();
  }
  return bytes;
}

Attribute joined(std::initializer_list<Attribute> parts) {
  Attribute all;
  for (const Attribute& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

void check(const std::optional<Stripe>& stripe, std::uint64_t size_bytes, std::uint64_t count) {
  REQUIRE(stripe);
  CHECK(stripe->size_bytes == size_bytes);
  CHECK(stripe->count == count);
}

// The attribute of a file of two stripes of 1 MiB. Numbers are little-endian.
const Attribute kPlain = hex(R"(
d00bd10b
01000000
0104000000000000 0204000000000000
00001000
0200
0000
7b00000000000000 0000000000000000 00000000 00000000
7c00000000000000 0000000000000000 00000000 01000000
)");
// magic of version 1
// pattern: RAID 0
// sequence and number of the file's own object
// stripe size: 0x100000
// stripe count
// generation of the layout
// an object: number, sequence, generation of the server, index of the server
// the other object

// One stripe of 4 MiB on a server of the pool "flash".
const Attribute kWithPool = hex(R"(
d00bd30b
01000000
0104000000000000 0204000000000000
00004000
0100
0000
666c617368000000 0000000000000000
7b00000000000000 0000000000000000 00000000 00000000
)");
// magic of version 3; the fields of version 1; the pool's name in 16 bytes; an object

// Layouts of components. "Not made yet" stands for objects that are made when the file grows.
const Attribute kOnMetadataServer = hex(R"(
d00bd10b
00010000
0104000000000000 0204000000000000
00001000
0000
0000
)");
// pattern 0x100: data on the metadata server; the "stripe size" is the size of the component

const Attribute kAllNotMadeYet = hex(R"(
d00bd10b
01000000
0104000000000000 0204000000000000
00004000
ffff
0000
)");
// stripe size 4 MiB; count -1: as many as there are servers

/// The head of a composite layout: magic, size, generation, flags, number of entries, number of
/// mirrors less one, spare bytes.
Attribute head(const char* entries) {
  return hex("d00bd60b 00000000 03000000 0000 " + std::string(entries) +
             " 0000 000000000000 0000000000000000");
}

/// An entry: id, flags (0x10: its objects are made), first and last byte of its part of the file,
/// offset and size of its layout in the attribute, generation, time, spare bytes.
Attribute entry(const char* offset, const char* size_bytes) {
  return hex("01000000 10000000 0000000000000000 0000100000000000 " + std::string(offset) +
             std::string(size_bytes) + "00000000 0000000000000000 00000000");
}

// 176 = 0xb0 is where the entries of a layout of three components end: 32 + 3 * 48.
const Attribute kComposite =
    joined({head("0300"), entry("b0000000", "20000000"), entry("d0000000", "50000000"),
            entry("20010000", "48000000"), kOnMetadataServer, kPlain, kWithPool});

}  // namespace

TEST_CASE("stripes of a plain layout are read, with and without a pool", "[stripe]") {
  REQUIRE(kPlain.size() == 80);
  REQUIRE(kWithPool.size() == 72);
  check(parse_lustre_layout(kPlain), 1 << 20, 2);
  check(parse_lustre_layout(kWithPool), 4 << 20, 1);
}

TEST_CASE("in a composite layout the last component with stripes counts", "[stripe]") {
  check(parse_lustre_layout(kComposite), 4 << 20, 1);
  // 128 = 0x80: the end of the entries of two components.
  check(parse_lustre_layout(joined({head("0200"), entry("80000000", "50000000"),
                                    entry("d0000000", "20000000"), kPlain, kOnMetadataServer})),
        1 << 20, 2);
  check(parse_lustre_layout(joined({head("0200"), entry("80000000", "50000000"),
                                    entry("d0000000", "20000000"), kPlain, kAllNotMadeYet})),
        4 << 20, 0);
}

TEST_CASE("a layout without stripes gives no stripe size", "[stripe]") {
  CHECK_FALSE(parse_lustre_layout(kOnMetadataServer));
  CHECK_FALSE(parse_lustre_layout(
      joined({head("0100"), entry("50000000", "20000000"), kOnMetadataServer})));
  CHECK_FALSE(parse_lustre_layout(head("0000")));
}

TEST_CASE("bytes that are not a layout give no stripe size", "[stripe]") {
  CHECK_FALSE(parse_lustre_layout({}));
  Attribute other = kPlain;
  other[2] = std::byte{0xd7};  // the magic of files that are archived in another storage system
  CHECK_FALSE(parse_lustre_layout(other));
  Attribute odd = kPlain;
  odd[24] = std::byte{1};  // no stripe of Lustre has 1048577 bytes
  CHECK_FALSE(parse_lustre_layout(odd));
  Attribute none = kPlain;
  none[26] = std::byte{0};  // stripe size 0 means the default, as in the layout of a directory
  CHECK_FALSE(parse_lustre_layout(none));
}

TEST_CASE("a truncated layout is not read beyond its end", "[stripe]") {
  // The list of objects is not needed: 32 bytes are enough, and 48 with a pool.
  for (std::size_t size = 0; size < 80; ++size) {
    const Attribute cut(kPlain.begin(), kPlain.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(parse_lustre_layout(cut).has_value() == (size >= 32));
  }
  for (std::size_t size = 0; size < 72; ++size) {
    const Attribute cut(kWithPool.begin(), kWithPool.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(parse_lustre_layout(cut).has_value() == (size >= 48));
  }
  for (std::size_t size = 0; size < kComposite.size(); ++size) {
    const Attribute cut(kComposite.begin(), kComposite.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(parse_lustre_layout(cut));
  }
  // An entry whose layout would lie far behind the end.
  CHECK_FALSE(parse_lustre_layout(joined({head("0100"), entry("ffffffff", "ffffffff"), kPlain})));
}

TEST_CASE("the alignment is a multiple of the stripe and of the page", "[stripe]") {
  CHECK(stripe_align_bytes({.stripe_bytes = 1 << 20}, 4096) == 1 << 20);
  CHECK(stripe_align_bytes({.stripe_bytes = 64 << 10}, 128 << 10) == 128 << 10);
  CHECK(stripe_align_bytes({}, 4096) == 0);
  // 192 KiB: alignments are powers of two, and no power of two is a multiple of it.
  CHECK(stripe_align_bytes({.stripe_bytes = 192 << 10}, 4096) == 0);
}

TEST_CASE("without stripe information none is recorded and no file is left", "[stripe]") {
  const TemporaryFolder folder;
  std::vector<Mount> mounts = look_at_mounts({folder.path()});
  look_at_stripes(mounts);
  CHECK(mounts[0].description.stripe_bytes == 0);
  mounts[0].description.fs_type =
      "lustre";  // a wrong type: its files do not have the attribute of Lustre
  look_at_stripes(mounts);
  CHECK(mounts[0].description.stripe_bytes == 0);
  CHECK(mounts[0].description.stripe_count == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
  mounts[0].description.dir = folder.file("gone");
  look_at_stripes(mounts);
  CHECK(mounts[0].description.stripe_bytes == 0);
}
