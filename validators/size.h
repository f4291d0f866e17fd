#pragma once
// The file ends where its array does: nothing was appended, nothing is missing that no record tells
// of.

#include "validators/validator.h"

namespace npyrace {

class SizeValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

}  // namespace npyrace
