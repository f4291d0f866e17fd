#pragma once
// Bytes outside all records are still zero: padding around a record, and elements of nobody.
// Counted once for each element in which such a byte changed.

#include "validators/validator.h"

namespace npyrace {

class PaddingValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

}  // namespace npyrace
