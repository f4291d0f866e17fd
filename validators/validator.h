#pragma once
// A check of one aspect of the file, piece by piece. One row and one file pair a check.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result/findings.h"
#include "validators/expectation.h"

namespace npyrace {

/// Bytes as one view of the file shows them.
struct ViewedBytes {
  std::string view;  ///< "mmap@DIR"
  std::span<const std::byte> bytes;
  bool uncached = false;  ///< seen past the page cache
};

/// A piece of the file: the header, or some whole elements.
struct Piece {
  std::uint64_t offset_bytes = 0;
  std::uint64_t first_element = 0;
  std::uint64_t elements = 0;      ///< 0: the header
  std::uint64_t file_bytes = 0;    ///< of the judged file; known with the header only
  ViewedBytes judged;              ///< the view that decides
  std::vector<ViewedBytes> views;  ///< the others, compared with it
};

/// Stateless; called from many threads, each with findings of its own.
class Validator {
 public:
  virtual ~Validator() = default;
  virtual void check(const Subject& subject, const Piece& piece, Findings& findings) const = 0;
};

struct ValidatorRow {
  const char* name;
  const char* summary;
  const Validator& validator;
};

/// The one table of validators.
std::span<const ValidatorRow> validator_table();

/// The common part of every example: where it is and who shares its alignment unit.
Example locate(const Subject& subject, Anomaly anomaly, std::uint64_t element,
               std::uint64_t offset_bytes);

/// Where `found`, which begins at `offset_bytes` of the file, is not `expected`. Bytes that are
/// right by chance do not part two ranges; the first few ranges.
std::vector<FileBytes> differing_bytes(std::span<const std::byte> found,
                                       std::span<const std::byte> expected,
                                       std::uint64_t offset_bytes);

/// The same as `locate` for a record with these bytes damaged: its unit is that of the first of
/// them.
Example locate_record(const Subject& subject, Anomaly anomaly, std::uint64_t element,
                      std::vector<FileBytes> damage);

}  // namespace npyrace
