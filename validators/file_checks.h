#pragma once
// The NPY header is byte for byte what was written: nobody writes it during a race.

#include "validators/validator.h"

namespace npyrace {

class HeaderValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

// The file ends where its array does: nothing was appended, nothing is missing that no record tells
// of.

class SizeValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

// Bytes outside all records are still zero: padding around a record, and elements of nobody.
// Counted once for each element in which such a byte changed.

class PaddingValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

}  // namespace npyrace
