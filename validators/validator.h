#pragma once
// The interface of validators, each of which checks one aspect of the file piece by piece, and the
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

/// Stateless; called by many threads, each with its own `findings`.
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

/// Fills in the common members of an example: position and the owners in its alignment unit.
Example locate(const Subject& subject, Anomaly anomaly, std::uint64_t element,
               std::uint64_t offset_bytes);

/// File ranges in which `found`, which begins at `offset_bytes`, differs from `expected`. Ranges
/// separated only by few coincidentally equal bytes are merged; returns only the first ranges.
std::vector<FileBytes> differing_bytes(std::span<const std::byte> found,
                                       std::span<const std::byte> expected,
                                       std::uint64_t offset_bytes);

/// As `locate` for a damaged record; the unit is that of its first damaged byte.
Example locate_record(const Subject& subject, Anomaly anomaly, std::uint64_t element,
                      std::vector<FileBytes> damage);

}  // namespace npyrace
