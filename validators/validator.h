#pragma once
// The validators, each of which checks one aspect of the file piece by piece, and the
// table of them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result/findings.h"
#include "validators/expectation.h"

namespace npyrace {

/// Bytes of a piece as read through one view.
struct ViewedBytes {
  std::string view;  ///< "mmap@DIR"
  std::span<const std::byte> bytes;
  bool uncached = false;  ///< read past the page cache
};

/// A part of the file: the header, or some complete elements.
struct Piece {
  std::uint64_t offset_bytes = 0;
  std::uint64_t first_element = 0;
  std::uint64_t elements = 0;      ///< 0: the header
  std::uint64_t file_bytes = 0;    ///< size of the judged file; set for the header only
  ViewedBytes judged;              ///< the view that decides the verdict
  std::vector<ViewedBytes> views;  ///< other views, compared with it
};

// The checks are called by many threads, each with its own `findings`.

/// Every record must hold the stamp of its last acknowledged write, in the store and in every view.
void check_records(const Subject& subject, const Piece& piece, Findings& findings);
/// The NPY header must be unchanged: no writer writes it during a race.
void check_header(const Subject& subject, const Piece& piece, Findings& findings);
/// Bytes outside all records (padding, elements without a record) must still be zero. Counts each
/// element with a changed byte once.
void check_padding(const Subject& subject, const Piece& piece, Findings& findings);
/// The file must have exactly the size of the array: detects appended data, and truncation that
/// affects no record.
void check_size(const Subject& subject, const Piece& piece, Findings& findings);

struct ValidatorRow {
  const char* name;
  const char* summary;
  void (*check)(const Subject& subject, const Piece& piece, Findings& findings);
};

/// The one table of validators.
std::span<const ValidatorRow> validator_table();

/// Fills in the common members of an example: position and the owners in its alignment unit.
Example locate(const Subject& subject, Anomaly anomaly, std::uint64_t element,
               std::uint64_t offset_bytes);

/// File ranges in which `found`, which begins at `offset_bytes`, differs from `expected`. Ranges
/// separated only by few coincidentally equal bytes are merged; returns only the first ranges.
std::vector<ByteRange> differing_bytes(std::span<const std::byte> found,
                                       std::span<const std::byte> expected,
                                       std::uint64_t offset_bytes);

/// As `locate` for a damaged record; the unit is that of its first damaged byte.
Example locate_record(const Subject& subject, Anomaly anomaly, std::uint64_t element,
                      std::vector<ByteRange> damage);

}  // namespace npyrace
