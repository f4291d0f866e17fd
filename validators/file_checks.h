#pragma once
// Validators of everything outside the records: the header, the file size, and padding.

#include "validators/validator.h"

namespace npyrace {

// The NPY header must be unchanged: no writer writes it during a race.
class HeaderValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

// The file must have exactly the size of the array: detects appended data, and truncation that
// affects no record.

class SizeValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

// Bytes outside all records (padding, elements without a record) must still be zero. Counts each
// element with a changed byte once.

class PaddingValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

}  // namespace npyrace
